// SPDX-License-Identifier: MIT
#include "tensor/tensor.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/memory.h"
#include "tests/settings.h"

using namespace gradus;

TEST_CASE("tensors are made as zeros, filled, from lists and as matrices") {
    CHECK(Tensor({2, 2}).to_vector() == std::vector<Real>{0, 0, 0, 0});
    CHECK(Tensor::full({3}, 7).to_vector() == std::vector<Real>{7, 7, 7});
    CHECK(Tensor::scalar(5).item() == 5);
    CHECK(Tensor::scalar(5).rank() == 0);
    CHECK((Tensor::from({1, 2, 3}).shape() == Shape{3}));
    const Tensor m = Tensor::matrix({{1, 2, 3}, {4, 5, 6}});
    CHECK((m.shape() == Shape{2, 3}));
    CHECK(m.at(1, 0) == 4);
    CHECK(m.rows() == 2);
    CHECK(m.size(-1) == 3);
    CHECK(m.count() == 6);
    CHECK((Tensor::matrix({}).shape() == Shape{0, 0}));
}

TEST_CASE("a tensor without numbers can be made, filled and cloned") {
    const Tensor t({3, 0});
    CHECK(t.defined());
    CHECK(t.count() == 0);
    t.fill(1);
    CHECK(t.clone().to_vector().empty());
    CHECK(all_finite(t));
}

TEST_CASE("copies of a tensor share its numbers, clones do not") {
    const Tensor a = Tensor::from({1, 2, 3});
    const Tensor handle = a, copy = a.clone();
    handle[0] = 9;
    CHECK(a[0] == 9);
    CHECK(copy[0] == 1);
    CHECK_FALSE(Tensor().clone().defined());
}

TEST_CASE("reshape and slice share the same numbers") {
    const Tensor a = Tensor::from({6}, {0, 1, 2, 3, 4, 5});
    const Tensor m = a.reshape({2, 3});
    m.at(1, 2) = 50;
    CHECK(a[5] == 50);
    const Tensor row = m.slice(1, 2);
    CHECK((row.shape() == Shape{1, 3}));
    row[0] = 30;
    CHECK(a[3] == 30);
    CHECK(m.slice(0, 2).to_vector() == m.to_vector());
    CHECK(m.slice(2, 2).count() == 0);
    CHECK((Tensor({0, 3}).slice(0, 0).shape() == Shape{0, 3}));
}

TEST_CASE("a slice keeps the block alive after the tensor it was cut from is gone") {
    Tensor tail;
    {
        const Tensor a = Tensor::full({4, 1000}, 3);
        tail = a.slice(3, 4);
    }
    Tensor other({4, 1000});  // would be given the same block if it had been freed
    other.fill(-1);
    CHECK(tail[0] == 3);
    CHECK(tail[999] == 3);
}

TEST_CASE("fill and copy_from write through every handle") {
    const Tensor a({2, 2}), b = Tensor::matrix({{1, 2}, {3, 4}});
    a.copy_from(b);
    CHECK(a.to_vector() == std::vector<Real>{1, 2, 3, 4});
    a.reshape({4}).fill(8);
    CHECK(a.at(1, 1) == 8);
    CHECK(b.at(1, 1) == 4);
}

TEST_CASE("an undefined tensor says so") {
    const Tensor none;
    CHECK_FALSE(none.defined());
    CHECK(none.data() == nullptr);
    CHECK(to_string(none) == "undefined");
    CHECK(all_finite(none));
    CHECK_THROWS_WITH_AS(none.item(), "item: needs exactly one number, shape is ()",
                         std::invalid_argument);
    CHECK_THROWS_AS(none.at(), std::invalid_argument);
    CHECK_THROWS_AS(none.slice(0, 0), std::invalid_argument);
}

TEST_CASE("wrong counts, indices and shapes are refused with both numbers") {
    const Tensor m({2, 3});
    CHECK_THROWS_WITH_AS(Tensor::from({2, 3}, {1, 2}),
                         "tensor: shape (2, 3) has 6 elements, 2 values given",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Tensor::matrix({{1, 2}, {3}}),
                         "tensor: matrix rows differ in length: 2 and 1", std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.item(), "item: needs exactly one number, shape is (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.at(1), "at: 1 indices for shape (2, 3)", std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.at(2, 0), "at: index 2 is outside axis 0 of shape (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.at(0, -1), "at: index -1 is outside axis 1 of shape (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.reshape({4}), "reshape: (2, 3) has 6 elements, (4,) has 4",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.slice(1, 3),
                         "slice: [1, 3) is not inside the leading axis of shape (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.slice(2, 1),
                         "slice: [2, 1) is not inside the leading axis of shape (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.slice(-1, 1),
                         "slice: [-1, 1) is not inside the leading axis of shape (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.copy_from(Tensor({3, 2})), "copy_from: shape (3, 2) into shape (2, 3)",
                         std::invalid_argument);
}

TEST_CASE("more numbers than memory can hold is an error, not a crash") {
    if (kSanitized) return;  // the sanitizers end the program instead of returning null
    CHECK_THROWS((Tensor::empty({Index{1} << 45})));
    // Times sizeof(Real) this is 2^64 or 2^65, which unchecked would wrap to 0 bytes.
    CHECK_THROWS_WITH_AS((Tensor::empty({Index{1} << 31, Index{1} << 31})),
                         "tensor: shape (2147483648, 2147483648) is more than memory can hold",
                         std::invalid_argument);
    CHECK_THROWS((Tensor::empty({std::numeric_limits<Index>::max()})));
}

TEST_CASE("argmax returns the first of the largest numbers") {
    const Real row[] = {1, 5, 2, 5, -1};
    CHECK(argmax(row, 5) == 1);
    CHECK(argmax(row, 1) == 0);
    CHECK(argmax(row + 2, 3) == 1);
}

TEST_CASE("all_finite finds NaN and infinity anywhere") {
    Tensor t = Tensor::full({70}, 1);
    CHECK(all_finite(t));
    for (Index i : {Index{0}, Index{33}, Index{69}}) {
        for (const Real bad : {Real(NAN), Real(INFINITY), Real(-INFINITY)}) {
            t[i] = bad;
            CHECK_FALSE(all_finite(t));
        }
        t[i] = 1;
    }
    t[5] = std::numeric_limits<Real>::max();
    CHECK(all_finite(t));
}

TEST_CASE(
    "a normal tensor is the same at any number of threads, and its seed, stream and index matter") {
    const SavedSettings saved;
    set_threads(1);
    const auto one = Tensor::normal({100, 101}, Real(0.02), 42).to_vector();
    set_threads(3);
    CHECK(Tensor::normal({100, 101}, Real(0.02), 42).to_vector() == one);
    CHECK(one[0] == Real(0.02) * static_cast<Real>(normal_at(42, Stream::init, 0, 0)));
    CHECK(one[10099] == Real(0.02) * static_cast<Real>(normal_at(42, Stream::init, 0, 10099)));
    CHECK(Tensor::normal({100, 101}, Real(0.02), 43).to_vector() != one);
    CHECK(Tensor::normal({100, 101}, Real(0.02), 42, Stream::user).to_vector() != one);
    CHECK(Tensor::normal({100, 101}, Real(0.02), 42, Stream::init, 1).to_vector() != one);
}

TEST_CASE("a uniform tensor stays inside its limits and continues its generator") {
    Random random(5);
    const Tensor a = Tensor::uniform({1000}, -2, 3, random),
                 b = Tensor::uniform({1000}, -2, 3, random);
    for (Index i = 0; i < 1000; ++i) {
        REQUIRE(a[i] >= -2);
        REQUIRE(a[i] <= 3);
    }
    CHECK(a.to_vector() != b.to_vector());
    Random again(5);
    CHECK(Tensor::uniform({1000}, -2, 3, again).to_vector() == a.to_vector());
}

// ---- printing -------------------------------------------------------------------------------

TEST_CASE("a number, a vector and a matrix print with aligned columns") {
    CHECK(to_string(Tensor::scalar(Real(2.5))) == "2.5");
    CHECK(to_string(Tensor::from({1, -2, Real(3.5)})) == "[  1,  -2, 3.5]");
    CHECK(to_string(Tensor::matrix({{1, 2}, {3, 4}})) ==
          "[[1, 2],\n"
          " [3, 4]]");
    CHECK(to_string(Tensor::matrix({{1, 1000}, {Real(-0.25), 7}})) ==
          "[[    1,  1000],\n"
          " [-0.25,     7]]");
}

TEST_CASE("three axes print as blocks with an empty line between them") {
    CHECK(to_string(Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})) ==
          "[[[1, 2],\n"
          "  [3, 4]],\n"
          "\n"
          " [[5, 6],\n"
          "  [7, 8]]]");
}

TEST_CASE("numbers print with five significant digits") {
    CHECK(to_string(Tensor::from({Real(3.14159265)})) == "[3.1416]");
    CHECK(to_string(Tensor::from({Real(1e-7)})) == "[1e-07]");
    CHECK(to_string(Tensor::from({Real(1234567)})) == "[1.2346e+06]");
    CHECK(to_string(Tensor::from({Real(INFINITY), Real(-INFINITY), Real(NAN)})) ==
          "[ inf, -inf,  nan]");
}

TEST_CASE("empty tensors print as empty brackets") {
    CHECK(to_string(Tensor(Shape{0})) == "[]");
    CHECK(to_string(Tensor({2, 0})) == "[[],\n []]");
}

TEST_CASE("more than a thousand elements are cut to three at each end of an axis") {
    Tensor row({1001});
    for (Index i = 0; i < 1001; ++i) row[i] = static_cast<Real>(i);
    CHECK(to_string(row) == "[   0,    1,    2, ...,  998,  999, 1000]");
    CHECK(to_string(row.slice(0, 1000)).size() == 1000 * 3 + 2 * 999 + 2);
    Tensor matrix({500, 4});
    for (Index i = 0; i < 2000; ++i) matrix[i] = static_cast<Real>(i);
    CHECK(to_string(matrix) ==
          "[[   0,    1,    2,    3],\n"
          " [   4,    5,    6,    7],\n"
          " [   8,    9,   10,   11],\n"
          " ...,\n"
          " [1988, 1989, 1990, 1991],\n"
          " [1992, 1993, 1994, 1995],\n"
          " [1996, 1997, 1998, 1999]]");
}
