// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

#include <stdexcept>

#include "tensor/elementwise.h"

namespace gradus::lesson_02 {
namespace {

using Sizes = std::vector<Index>;

std::vector<Real> numbers(const Sizes& sizes) {
    return {sizes.begin(), sizes.end()};
}

Comparison same(const Sizes& yours, const Sizes& expected) {
    return lessons::same(numbers(yours), numbers(expected));
}
Comparison same(Index yours, Index expected) {
    return {yours == expected, fmt::format("yours is {}, expected {}", yours, expected)};
}

std::string words(const Sizes& sizes) {
    std::string text;
    for (const Index size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
    return "(" + text + ")";
}

Index count(const Sizes& sizes) {
    Index n = 1;
    for (const Index size : sizes) n *= size;
    return n;
}

// The elements of a shape, the last axis running fastest: f(index).
template <class F>
void for_each_element(const Sizes& sizes, F f) {
    Sizes index(sizes.size(), 0);
    for (Index left = count(sizes); left > 0; --left) {
        f(index);
        for (std::size_t axis = sizes.size(); axis-- > 0;) {
            if (++index[axis] < sizes[axis]) break;
            index[axis] = 0;
        }
    }
}

Index place(const Sizes& index, const Sizes& strides) {
    Index at = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) at += index[axis] * strides[axis];
    return at;
}

// All shapes of at most `rank` axes with sizes from 1 to 3.
std::vector<Sizes> small_shapes(std::size_t rank) {
    std::vector<Sizes> shapes = {{}};
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (shapes[i].size() == rank) continue;
        for (Index size = 1; size <= 3; ++size) {
            Sizes longer = shapes[i];
            longer.push_back(size);
            shapes.push_back(longer);
        }
    }
    return shapes;
}

// With ones in front, so that there are `rank` axes.
Sizes padded(const Sizes& sizes, std::size_t rank) {
    Sizes result(rank - sizes.size(), 1);
    result.insert(result.end(), sizes.begin(), sizes.end());
    return result;
}

// What a and b broadcast to; false if to nothing.
bool meet(const Sizes& a, const Sizes& b, Sizes& wide) {
    const std::size_t rank = std::max(a.size(), b.size());
    const Sizes x = padded(a, rank), y = padded(b, rank);
    wide = x;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        if (x[axis] == 1) wide[axis] = y[axis];
        if (y[axis] != 1 && y[axis] != wide[axis]) return false;
    }
    return true;
}

// "std::runtime_error"
std::string name_of(const std::type_info& type) {
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type.name(), nullptr, nullptr, nullptr), std::free);
    return name ? name.get() : type.name();
}

// That broadcast_shape throws std::invalid_argument.
Comparison refuses(const Sizes& a, const Sizes& b) {
    try {
        const Sizes shape = part().broadcast_shape(a, b);
        return {false,
                fmt::format("{} with {}: yours is {}, expected is a std::invalid_argument thrown",
                            words(a), words(b), words(shape))};
    } catch (const std::invalid_argument&) {
        return {true, "refused"};
    } catch (const std::exception& error) {
        if (std::string(error.what()).starts_with("unfinished: ")) throw;
        return {false, fmt::format("{} with {}: yours threw a {} (\"{}\"): that is another type, "
                                   "expected is a std::invalid_argument",
                                   words(a), words(b), name_of(typeid(error)), error.what())};
    } catch (...) {
        return {false,
                fmt::format("{} with {}: yours threw a {}, which is not an exception type: "
                            "expected is a std::invalid_argument",
                            words(a), words(b), name_of(*abi::__cxa_current_exception_type()))};
    }
}

// The shape; where it throws, one number that is no size.
std::vector<Real> shape_or_refusal(const Sizes& a, const Sizes& b) {
    try {
        return numbers(part().broadcast_shape(a, b));
    } catch (const std::invalid_argument&) {
        return {-1};
    }
}

const Fingerprint strides_print("contiguous_strides", [] {
    std::vector<Real> all = numbers(part().contiguous_strides({2, 3, 4, 5}));
    // More than an int can count.
    const std::vector<Real> large = numbers(part().contiguous_strides({3, 70000, 70000}));
    all.insert(all.end(), large.begin(), large.end());
    return all;
});
const Fingerprint offset_print("offset", [] {
    return std::vector<Real>{Real(part().offset({1, 2, 3}, {40, 7, 2})),
                             Real(part().offset({4, 3, 2}, {1, 0, 12})),
                             Real(part().offset({2, 69999, 69999}, {4900000000, 70000, 1}))};
});
const Fingerprint shape_print("broadcast_shape", [] {
    std::vector<Real> all;
    const std::vector<std::pair<Sizes, Sizes>> pairs = {
        {{2, 3}, {3}},    {{3}, {2, 3}},       {{3, 1}, {4}},       {{1, 4}, {3, 1}},
        {{2, 3}, {2}},    {{2, 3}, {2, 4}},    {{0}, {1}},          {{5}, {1}},
        {{2, 2}, {2, 2}}, {{2, 1, 3}, {4, 1}}, {{5000000000}, {1}}, {{1}, {5000000000}}};
    for (const auto& [a, b] : pairs) {
        const auto shape = shape_or_refusal(a, b);
        all.push_back(Real(shape.size()));
        all.insert(all.end(), shape.begin(), shape.end());
    }
    return all;
});
const Fingerprint broadcast_print("broadcast_strides", [] {
    std::vector<Real> all;
    const Sizes wide = {2, 3, 4};
    for (const Sizes& sizes :
         {Sizes{4}, Sizes{3, 1}, Sizes{2, 1, 4}, Sizes{3, 4}, Sizes{2, 3, 4}}) {
        const auto steps = numbers(part().broadcast_strides(sizes, wide));
        all.insert(all.end(), steps.begin(), steps.end());
    }
    const auto kept = numbers(part().broadcast_strides({1, 3}, {1, 3}));
    all.insert(all.end(), kept.begin(), kept.end());
    return all;
});

}  // namespace

TEST_CASE("contiguous_strides: the grid from the text, (3, 4)") {
    CHECK(same(part().contiguous_strides({3, 4}), {4, 1}));
}

TEST_CASE("contiguous_strides: three axes, (2, 3, 4)") {
    CHECK(same(part().contiguous_strides({2, 3, 4}), {12, 4, 1}));
}

TEST_CASE("contiguous_strides: one axis, and none") {
    CHECK(same(part().contiguous_strides({7}), {1}));
    CHECK(same(part().contiguous_strides({}), Sizes{}));
}

TEST_CASE("contiguous_strides: axes of size 1, and of size 0") {
    CHECK(same(part().contiguous_strides({2, 1, 3}), {3, 3, 1}));
    CHECK(same(part().contiguous_strides({1, 5}), {5, 1}));
    CHECK(same(part().contiguous_strides({5, 1}), {1, 1}));
    CHECK(same(part().contiguous_strides({2, 0, 3}), {0, 3, 1}));
    CHECK(same(part().contiguous_strides({0}), {1}));
}

TEST_CASE("contiguous_strides: any shape, element after element") {
    Random random(1);
    for (int repeat = 0; repeat < 40; ++repeat) {
        Sizes sizes(1 + random.below(5));
        for (auto& size : sizes) size = 1 + static_cast<Index>(random.below(4));
        CAPTURE(words(sizes));
        const Sizes strides = part().contiguous_strides(sizes);
        REQUIRE(same(static_cast<Index>(strides.size()), static_cast<Index>(sizes.size())));
        Index expected = 0, wrong = 0;
        for_each_element(sizes, [&](const Sizes& index) {
            if (place(index, strides) != expected++) ++wrong;
        });
        CHECK(same(wrong, 0));
    }
}

TEST_CASE("contiguous_strides: more numbers than an int can count") {
    CHECK(same(part().contiguous_strides({3, 70000, 70000}), {4900000000, 70000, 1}));
}

TEST_CASE("offset: row 1, column 2 of the grid from the text") {
    CHECK(same(part().offset({1, 2}, {4, 1}), 6));
    CHECK(same(part().offset({0, 0}, {4, 1}), 0));
    CHECK(same(part().offset({2, 3}, {4, 1}), 11));
}

TEST_CASE("offset: any strides, also 0, and also where the last is not 1") {
    CHECK(same(part().offset({2, 1}, {1, 4}), 6));
    CHECK(same(part().offset({5, 3}, {0, 1}), 3));
    CHECK(same(part().offset({5, 3}, {1, 0}), 5));
    CHECK(same(part().offset({1, 2, 3, 4}, {100, 10, 2, 7}), 154));
}

TEST_CASE("offset: one axis, and none") {
    CHECK(same(part().offset({5}, {3}), 15));
    CHECK(same(part().offset({}, {}), 0));
}

TEST_CASE("offset: farther than an int can count") {
    CHECK(same(part().offset({2, 69999, 69999}, {4900000000, 70000, 1}), 14699999999));
}

TEST_CASE("broadcast_shape: a row, (3), meets a matrix, (2, 3)") {
    CHECK(same(part().broadcast_shape({2, 3}, {3}), {2, 3}));
    CHECK(same(part().broadcast_shape({3}, {2, 3}), {2, 3}));
}

TEST_CASE("broadcast_shape: a column, (3, 1), meets a row, (4)") {
    CHECK(same(part().broadcast_shape({3, 1}, {4}), {3, 4}));
    CHECK(same(part().broadcast_shape({1, 4}, {3, 1}), {3, 4}));
}

TEST_CASE("broadcast_shape: a single number meets anything") {
    CHECK(same(part().broadcast_shape({}, {2, 3}), {2, 3}));
    CHECK(same(part().broadcast_shape({5}, {}), {5}));
    CHECK(same(part().broadcast_shape({}, {}), Sizes{}));
    CHECK(same(part().broadcast_shape({1}, {}), {1}));
}

TEST_CASE("broadcast_shape: refuses what does not fit") {
    CHECK(refuses({2, 3}, {2}));
    CHECK(refuses({4}, {4, 3}));
    CHECK(refuses({2, 3}, {4, 3}));
    CHECK(refuses({2, 4}, {3}));
    CHECK(refuses({5, 2, 3}, {4, 1, 3}));
}

TEST_CASE("broadcast_shape: every pair of small shapes") {
    for (const auto& a : small_shapes(3))
        for (const auto& b : small_shapes(3)) {
            CAPTURE(words(a));
            CAPTURE(words(b));
            Sizes expected;
            if (meet(a, b, expected))
                REQUIRE(same(part().broadcast_shape(a, b), expected));
            else
                REQUIRE(refuses(a, b));
        }
}

TEST_CASE("broadcast_shape: five axes, and large sizes") {
    CHECK(same(part().broadcast_shape({1, 7, 1, 5000000000, 2}, {6, 1, 9, 1, 2}),
               {6, 7, 9, 5000000000, 2}));
    CHECK(same(part().broadcast_shape({1}, {5000000000}), {5000000000}));
}

TEST_CASE("broadcast_shape: 1 meets 0 and becomes 0, anything else does not fit 0") {
    CHECK(same(part().broadcast_shape({0}, {1}), {0}));
    CHECK(same(part().broadcast_shape({2, 1}, {2, 0}), {2, 0}));
    CHECK(same(part().broadcast_shape({2, 0}, {}), {2, 0}));
    CHECK(refuses({0}, {3}));
}

TEST_CASE("broadcast_strides: a row, (3), read as (2, 3)") {
    CHECK(same(part().broadcast_strides({3}, {2, 3}), {0, 1}));
}

TEST_CASE("broadcast_strides: a column, (2, 1), read as (2, 3)") {
    CHECK(same(part().broadcast_strides({2, 1}, {2, 3}), {1, 0}));
}

TEST_CASE("broadcast_strides: a middle axis is stretched, and one is missing") {
    CHECK(same(part().broadcast_strides({2, 1, 4}, {2, 3, 4}), {4, 0, 1}));
    CHECK(same(part().broadcast_strides({2, 1, 4}, {5, 2, 3, 4}), {0, 4, 0, 1}));
    CHECK(same(part().broadcast_strides({3, 4}, {3, 4}), {4, 1}));
    CHECK(same(part().broadcast_strides({}, {2, 3}), {0, 0}));
}

TEST_CASE(
    "broadcast_strides: an axis of size 1, or one that is missing, has stride 0 in any case") {
    CHECK(same(part().broadcast_strides({1, 3}, {1, 3}), {0, 1}));
    CHECK(same(part().broadcast_strides({3}, {1, 3}), {0, 1}));
}

TEST_CASE("broadcast_strides: every small shape, read as every shape it stretches to") {
    for (const auto& sizes : small_shapes(3))
        for (const auto& wide : small_shapes(4)) {
            Sizes together;
            if (sizes.size() > wide.size() || !meet(sizes, wide, together) || together != wide)
                continue;
            CAPTURE(words(sizes));
            CAPTURE(words(wide));
            const Sizes steps = part().broadcast_strides(sizes, wide);
            REQUIRE(same(static_cast<Index>(steps.size()), static_cast<Index>(wide.size())));
            // The array's own elements in order: the one that is read there says its number.
            const Sizes own = padded(sizes, wide.size());
            Index wrong = 0;
            for_each_element(wide, [&](const Sizes& index) {
                Index expected = 0;
                for (std::size_t axis = 0; axis < wide.size(); ++axis)
                    expected = expected * own[axis] + (own[axis] == 1 ? 0 : index[axis]);
                if (place(index, steps) != expected) ++wrong;
            });
            REQUIRE(same(wrong, 0));
        }
}

TEST_CASE("broadcast_strides: the library adds a row to a matrix with yours") {
    const Tensor matrix = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});
    const Tensor row = Tensor::from({10, 20, 30}), column = Tensor::from({2, 1}, {100, 200});
    const Tensor sum = matrix + row + column;
    CHECK(lessons::same(std::vector<Real>(sum.data(), sum.data() + 6),
                        {111, 122, 133, 214, 225, 236}, {2, 3}));
}

}  // namespace gradus::lesson_02
