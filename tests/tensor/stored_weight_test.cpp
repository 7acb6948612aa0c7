// SPDX-License-Identifier: MIT
// Stored weights: in every format and layout, the product, the gradient of its input and the rows are
// those of the numbers that the bytes represent, and these are near the ones that were stored.
#include "tensor/stored_weight.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "tensor/elementwise.h"
#include "tensor/embedding.h"
#include "tensor/error.h"
#include "tensor/half.h"
#include "tensor/matmul.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::f32,  WeightFormat::f16,  WeightFormat::bf16,
                                     WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0};
constexpr WeightLayout kLayouts[] = {WeightLayout::in_out, WeightLayout::out_in};

// As many bits as the format keeps.
double rounding_of(WeightFormat format) {
    switch (format) {
        case WeightFormat::f32:
            return 0x1p-24;
        case WeightFormat::f16:
            return rounding_of(kF16);
        case WeightFormat::bf16:
            return rounding_of(kBf16);
        case WeightFormat::int8:
            return 0.5 / 127;  // of the block's largest
        case WeightFormat::q8_0:
            return 0.5 / 127 + rounding_of(kF16);
        case WeightFormat::q4_0:
            return 1.0 / 8 + rounding_of(kF16);
    }
    return 0;
}

// A number of columns that the format allows, and at least n.
Index columns_for(WeightFormat format, Index n) {
    const bool of_32 = format == WeightFormat::q8_0 || format == WeightFormat::q4_0;
    return of_32 ? (n + 31) / 32 * 32 : n;
}

// The sum over k of |x| |w|: what the errors of a product are relative to.
Tensor sizes(const Tensor& x, const Tensor& w, Transpose transposed) {
    const auto absolute = [](const Tensor& t) {
        const Tensor a = t.clone();
        for (Index i = 0; i < a.count(); ++i) a[i] = std::abs(a[i]);
        return a;
    };
    return matmul_forward(absolute(x), absolute(w), transposed);
}

// The largest |y - expected|, relative to `size` and in units of `unit`.
double worst(const Tensor& y, const Tensor& expected, const Tensor& size, double unit) {
    REQUIRE(y.shape() == expected.shape());
    double most = 0;
    for (Index i = 0; i < y.count(); ++i)
        if (y[i] != expected[i])
            most = std::max(most, std::abs(static_cast<double>(y[i] - expected[i])) /
                                      (unit * static_cast<double>(size[i])));
    return most;
}

// The same weight at an address that no vector is aligned to.
StoredWeight moved(const StoredWeight& w) {
    const auto size = static_cast<std::size_t>(w.rows * row_bytes(w.format, w.columns));
    const auto block = std::make_shared<std::vector<std::byte>>(size + 1);
    std::memcpy(block->data() + 1, w.data(), size);
    StoredWeight other = w;
    other.data = [block] { return static_cast<const std::byte*>(block->data() + 1); };
    return other;
}

struct Sizes {
    Index M, in, out;
};
// Odd ones; more rows than are multiplied part by part; more numbers than one part, of both kinds.
const std::vector<Sizes> kSizes = {{1, 1, 1},    {3, 5, 7},    {1, 33, 129},  {4, 300, 17},
                                   {5, 300, 17}, {2, 700, 65}, {1, 65, 1100}, {0, 3, 2},
                                   {3, 0, 2},    {9, 140, 41}};

}  // namespace

TEST_CASE("in every format, layout and size a product is that of the numbers represented") {
    each_isa([] {
        for (const auto format : kFormats)
            for (const auto layout : kLayouts)
                for (const Sizes& sizes_of : kSizes) {
                    const bool by_rows = layout == WeightLayout::out_in;
                    const Index M = sizes_of.M,
                                in = by_rows ? columns_for(format, sizes_of.in) : sizes_of.in,
                                out = by_rows ? sizes_of.out : columns_for(format, sizes_of.out);
                    CAPTURE(to_string(format));
                    CAPTURE((layout == WeightLayout::in_out));
                    CAPTURE(M);
                    CAPTURE(in);
                    CAPTURE(out);
                    const Tensor w = uniform(by_rows ? Shape{out, in} : Shape{in, out}, 1),
                                 x = uniform({M, in}, 2), dy = uniform({M, out}, 3);
                    const StoredWeight stored = store(w, format, layout);
                    CHECK(stored.in() == in);
                    CHECK(stored.out() == out);
                    const Tensor values = values_of(stored);
                    const Transpose forward = by_rows ? Transpose::yes : Transpose::no,
                                    back = by_rows ? Transpose::no : Transpose::yes;
                    // int8, stored (OUT, IN), rounds x to 16 bits.
                    const bool rounds = format == WeightFormat::int8 && by_rows;
                    const double unit = 4 * std::sqrt(static_cast<double>(in + out) + 9) * kEps;
                    const Tensor y = matmul_forward(x, stored);
                    CHECK(worst(y, matmul_forward(x, values, forward), sizes(x, values, forward),
                                unit + (rounds ? 2.0 / 32767 : 0)) <= 1);
                    const Tensor start = uniform({M, in}, 4), dx = start.clone();
                    matmul_backward(dy, stored, dx);
                    const Tensor expected = start.clone();
                    add_scaled(expected, matmul_forward(dy, values, back));
                    const Tensor size = sizes(dy, values, back);
                    for (Index i = 0; i < size.count(); ++i) size[i] += 1;
                    CHECK(worst(dx, expected, size, unit) <= 1);
                    const StoredWeight odd = moved(stored);  // a file's bytes lie anywhere
                    CHECK(same_bits(values_of(odd), values));
                    if (format != WeightFormat::f32) CHECK(same_bits(matmul_forward(x, odd), y));
                }
    });
}

TEST_CASE("a product in f16 or bf16 is off by at most the format's rounding error, and by some") {
    const Tensor x = uniform({6, 257}, 5), w = uniform({31, 257}, 6);
    const Tensor exact = matmul_forward(x, w, Transpose::yes), size = sizes(x, w, Transpose::yes);
    each_isa([&] {
        for (const auto format : {WeightFormat::f32, WeightFormat::f16, WeightFormat::bf16}) {
            CAPTURE(to_string(format));
            const Tensor y = matmul_forward(x, store(w, format, WeightLayout::out_in));
            const double most = worst(y, exact, size, rounding_of(format) + 70 * kEps);
            CHECK(most <= 1);
            if (format != WeightFormat::f32) CHECK(most > 0.02);
        }
    });
    for (const auto format : kFormats) {  // and every value by itself
        const Tensor v = uniform({31, columns_for(format, 257)}, 6),
                     values = values_of(store(v, format, WeightLayout::out_in));
        CHECK(worst(values, v, Tensor::full(v.shape(), 1), rounding_of(format) + kEps) <= 1);
    }
}

TEST_CASE("the same bits at 1, 2, 3 and 16 threads, whatever the number of rows") {
    const SavedSettings saved;
    for (const auto format : kFormats)
        for (const auto layout : kLayouts)
            for (const Index M : {1, 3, 20}) {
                const StoredWeight w =
                    store(uniform({400, columns_for(format, 300)}, 7), format, layout);
                const Tensor x = uniform({M, w.in()}, 8), dy = uniform({M, w.out()}, 9);
                Tensor y, dx;
                for (const int n : {1, 2, 3, 16}) {
                    set_threads(n);
                    const Tensor again = matmul_forward(x, w), gradient(x.shape());
                    matmul_backward(dy, w, gradient);
                    if (n == 1) y = again, dx = gradient;
                    CHECK(same_bits(again, y));
                    CHECK(same_bits(gradient, dx));
                }
            }
}

TEST_CASE("rows by number are the rows that the matrix represents") {
    for (const auto format : kFormats) {
        const StoredWeight table =
            store(uniform({6, columns_for(format, 200)}, 10), format, WeightLayout::out_in);
        const Tokens ids({2, 2}, {5, 0, 5, 3});
        CHECK(same_bits(embedding_forward(table, ids), embedding_forward(values_of(table), ids)));
    }
}

TEST_CASE("what a stored weight takes: 4 bytes per number to half of one, and no float beside it") {
    const auto size = [&](WeightFormat format) {
        return store(Tensor({3, columns_for(format, 130)}), format, WeightLayout::in_out).bytes();
    };
    CHECK(size(WeightFormat::f32) == 3 * 130 * 4);
    CHECK(size(WeightFormat::f16) == 3 * 130 * 2);
    CHECK(size(WeightFormat::bf16) == 3 * 130 * 2);
    CHECK(size(WeightFormat::int8) == 3 * (144 + 2 * static_cast<Index>(sizeof(Real))));
    CHECK(size(WeightFormat::q8_0) == 3 * 5 * 34);
    CHECK(size(WeightFormat::q4_0) == 3 * 5 * 18);
}

TEST_CASE("bytes that go while an operation reads them give an error, and no result") {
    StoredWeight w = store(uniform({5, 4}, 11), WeightFormat::f16, WeightLayout::in_out);
    int asked = 0;
    w.data = [&asked, inner = w.data] {
        if (++asked == 2) throw FileError("model", "cut short");
        return inner();
    };
    const Tensor dx({2, 5});
    CHECK_THROWS_AS(matmul_forward(uniform({2, 5}, 12), w), FileError);
    asked = 0;
    CHECK_THROWS_AS(matmul_backward(uniform({2, 4}, 12), w, dx), FileError);
    asked = 0;
    CHECK_THROWS_AS(embedding_forward(w, Tokens({1}, {1})), FileError);
    asked = 0;
    CHECK_THROWS_AS(values_of(w), FileError);
}

TEST_CASE("what cannot be stored or multiplied is refused in one line") {
    const auto out_in = WeightLayout::out_in;
    Tensor w({2, 3});
    CHECK_THROWS_WITH_AS(store(Tensor({3}), WeightFormat::int8, out_in),
                         "store: needs a matrix (rows, columns), got (3,)", std::invalid_argument);
    const StoredWeight stored = store(w, WeightFormat::bf16, out_in);
    CHECK_THROWS_WITH_AS(matmul_forward(Tensor({1, 4}), stored),
                         "matmul: inner sizes differ: x is (1, 4), the stored weight (2, 3), 3 in "
                         "and 2 out",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(matmul_backward(Tensor({1, 3}), stored, Tensor({1, 3})),
                         doctest::Contains("3 in and 2 out"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(embedding_forward(stored, Tokens({1}, {2})),
                         "embedding: id 2 is outside the table of 2 rows", std::invalid_argument);
    CHECK_THROWS_AS(matmul_forward(Tensor({1, 4}), StoredWeight{}), std::invalid_argument);
    CHECK_THROWS_AS(values_of({}), std::invalid_argument);
    const StoredWeight none{WeightFormat::f32, out_in, 2, 3, {}, {}};
    CHECK_THROWS_WITH_AS(matmul_forward(Tensor({1, 3}), none),
                         "stored weight (2, 3): its values have not been loaded",
                         std::invalid_argument);
    w[4] = 70000;
    CHECK_NOTHROW(store(w, WeightFormat::bf16, out_in));
    CHECK_THROWS_WITH_AS(store(w, WeightFormat::f16, out_in),
                         "store: 70000 is too large for f16 (at most 65504); bf16 has the range of "
                         "a float",
                         std::invalid_argument);
    Tensor wide({2, 32});
    CHECK_THROWS_WITH_AS(store(w, WeightFormat::q4_0, out_in),
                         "store: q4_0 needs rows of whole blocks, a multiple of 32 columns, got "
                         "(2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_AS(store(w, WeightFormat::q8_0, out_in), std::invalid_argument);
    wide[40] = 8321039;
    CHECK_NOTHROW(store(wide, WeightFormat::q8_0, out_in));
    wide[40] = -8321040;
    CHECK_THROWS_WITH_AS(store(wide, WeightFormat::q8_0, out_in),
                         "store: -8321040 is too large for q8_0 (at most 8319008); bf16 has the "
                         "range of a float",
                         std::invalid_argument);
    wide[40] = 524159;
    CHECK_NOTHROW(store(wide, WeightFormat::q4_0, out_in));
    wide[40] = 524160;
    CHECK_THROWS_WITH_AS(store(wide, WeightFormat::q4_0, out_in),
                         "store: 524160 is too large for q4_0 (at most 524032); bf16 has the range "
                         "of a float",
                         std::invalid_argument);
    for (const auto bad : {INFINITY, NAN})
        for (const auto format : {WeightFormat::q8_0, WeightFormat::q4_0}) {
            wide[40] = static_cast<Real>(bad);
            CHECK_THROWS_WITH_AS(store(wide, format, out_in),
                                 "store: the weights (2, 32) are not all finite",
                                 std::invalid_argument);
        }
    w[4] = static_cast<Real>(INFINITY);
    CHECK_THROWS_WITH_AS(store(w, WeightFormat::int8, out_in),
                         "store: the weights (2, 3) are not all finite", std::invalid_argument);
}
