// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <fmt/ranges.h>

#include "autograd/elementwise.h"
#include "autograd/gradient_check.h"
#include "autograd/reduce.h"
#include "tensor/reduce.h"

namespace gradus::lesson_07 {
namespace {

using Numbers = std::vector<Real>;
using Sizes = std::vector<Index>;

Index count(const Sizes& shape) {
    Index n = 1;
    for (const Index size : shape) n *= size;
    return n;
}

// Shapes of at most three axes of sizes 1, 2 and 3, each with every shape that can be stretched to
// it; and one pair of four axes.
struct Pair {
    Sizes y, x;
};
std::vector<Pair> all_pairs() {
    std::vector<Sizes> shapes = {{}};
    for (std::size_t i = 0; i < shapes.size() && shapes[i].size() < 3; ++i)
        for (const Index size : {1, 2, 3}) {
            shapes.push_back(shapes[i]);
            shapes.back().push_back(size);
        }
    std::vector<Pair> pairs;
    for (const auto& y : shapes)
        for (const auto& x : shapes) {
            bool fits = x.size() <= y.size();
            for (std::size_t back = 1; fits && back <= x.size(); ++back)
                fits = x[x.size() - back] == 1 || x[x.size() - back] == y[y.size() - back];
            if (fits) pairs.push_back({y, x});
        }
    pairs.push_back({{2, 3, 4, 5}, {3, 1, 5}});
    pairs.push_back({{3, 2, 5, 4}, {3, 1, 5, 1}});
    return pairs;
}

// Which number of x each of y is a copy of: found by counting the index of y up, the last axis
// fastest, and reading x's place off it from the first axis on.
Sizes sources(const Sizes& y_shape, const Sizes& x_shape) {
    Sizes index(y_shape.size(), 0), all;
    const std::size_t missing = y_shape.size() - x_shape.size();
    for (Index at = 0; at < count(y_shape); ++at) {
        Index place = 0;
        for (std::size_t axis = 0; axis < x_shape.size(); ++axis)
            place = place * x_shape[axis] + (x_shape[axis] == 1 ? 0 : index[axis + missing]);
        all.push_back(place);
        for (std::size_t axis = y_shape.size(); axis-- > 0;) {
            if (++index[axis] < y_shape[axis]) break;
            index[axis] = 0;
        }
    }
    return all;
}

// The learner's source for each number of y.
Numbers source(const Sizes& y_shape, const Sizes& x_shape) {
    Numbers all;
    for (Index at = 0; at < count(y_shape); ++at)
        all.push_back(static_cast<Real>(part().source(at, y_shape, x_shape)));
    return all;
}

// A source outside of x is said in words, before broadcast_to or sum_to reads or writes there.
void require_inside(const Sizes& y_shape, const Sizes& x_shape) {
    for (const Real place : source(y_shape, x_shape)) {
        INFO("your source leads to number ", place, " of x, which has ", count(x_shape));
        REQUIRE((place >= 0 && place < static_cast<Real>(count(x_shape))));
    }
}

Numbers broadcast(const Sizes& y_shape, const Numbers& x, const Sizes& x_shape) {
    require_inside(y_shape, x_shape);
    Numbers y(static_cast<std::size_t>(count(y_shape)), 77);
    part().broadcast_to(y.data(), y_shape, x.data(), x_shape);
    return y;
}

Numbers sum_to(const Sizes& x_shape, const Numbers& dy, const Sizes& y_shape, Numbers before) {
    require_inside(y_shape, x_shape);
    part().sum_to(before.data(), x_shape, dy.data(), y_shape);
    return before;
}

Numbers sum_backward(const Numbers& dy, Index outer, Index n, Index inner, Numbers before) {
    part().sum_backward(before.data(), dy.data(), outer, n, inner);
    return before;
}

std::string words(const Sizes& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
}

// Fingerprints have room after their arrays, for answers that step over the end. Those of broadcast_to
// and sum_to begin with source, so that a mistake made there is not told as one of theirs.
const std::vector<Pair> printed = {{{2, 3}, {2, 3}}, {{2, 2, 3}, {2, 3}}, {{2, 3}, {3}},
                                   {{2, 3}, {2, 1}}, {{2, 3, 2}, {3, 1}}, {{3, 2, 2}, {3, 1, 2}},
                                   {{2, 2}, {}}};
Numbers joined(void (*add)(Numbers& all, const Pair&)) {
    Numbers all;
    for (const auto& pair : printed) {
        const Numbers places = source(pair.y, pair.x);
        all.insert(all.end(), places.begin(), places.end());
        add(all, pair);
    }
    return all;
}
const Fingerprint source_print("source", [] { return joined([](Numbers&, const Pair&) {}); });
const Fingerprint broadcast_print("broadcast_to", [] {
    return joined([](Numbers& all, const Pair& p) {
        Numbers y = with_room(Numbers(static_cast<std::size_t>(count(p.y)), 77));
        part().broadcast_to(y.data(), p.y, normal_numbers(1, 200).data(), p.x);
        all.insert(all.end(), y.begin(), y.end());
    });
});
const Fingerprint sum_to_print("sum_to", [] {
    return joined([](Numbers& all, const Pair& p) {
        Numbers dx = normal_numbers(2, 200);
        part().sum_to(dx.data(), p.x, with_room(normal_numbers(3, count(p.y))).data(), p.y);
        all.insert(all.end(), dx.begin(), dx.end());
    });
});
const Fingerprint sum_backward_print("sum_backward", [] {
    // No two sizes are neighbours: i < n is not the loop that ends one early.
    return sum_backward(with_room(normal_numbers(4, 14)), 2, 4, 7,
                        with_room(normal_numbers(5, 56)));
});

}  // namespace

TEST_CASE("source: the table of the text, for y of shape (2,3)") {
    CHECK(same(source({2, 3}, {2, 3}), {0, 1, 2, 3, 4, 5}));
    CHECK(same(source({2, 3}, {3}), {0, 1, 2, 0, 1, 2}));
    CHECK(same(source({2, 3}, {2, 1}), {0, 0, 0, 1, 1, 1}));
    CHECK(same(source({2, 3}, {}), {0, 0, 0, 0, 0, 0}));
}

TEST_CASE("source: an axis of size 1 in front, and in the middle") {
    CHECK(same(source({2, 3}, {1, 3}), {0, 1, 2, 0, 1, 2}));
    CHECK(same(source({2, 3, 2}, {2, 1, 2}), {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3}));
}

TEST_CASE("source: every shape of at most three axes, and all that can be stretched to it") {
    for (const auto& [y, x] : all_pairs()) {
        const std::string y_shape = words(y), x_shape = words(x);
        CAPTURE(y_shape);
        CAPTURE(x_shape);
        const Sizes right = sources(y, x);
        CHECK(same(source(y, x), Numbers(right.begin(), right.end())));
    }
}

TEST_CASE("broadcast_to: a row, a column and a single number become (2,3)") {
    CHECK(same(broadcast({2, 3}, {10, 20, 30}, {3}), {10, 20, 30, 10, 20, 30}, {2, 3}));
    CHECK(same(broadcast({2, 3}, {10, 20}, {2, 1}), {10, 10, 10, 20, 20, 20}, {2, 3}));
    CHECK(same(broadcast({2, 3}, {10}, {}), {10, 10, 10, 10, 10, 10}, {2, 3}));
}

TEST_CASE("broadcast_to: all pairs of shapes") {
    for (const auto& [y, x] : all_pairs()) {
        const std::string y_shape = words(y), x_shape = words(x);
        CAPTURE(y_shape);
        CAPTURE(x_shape);
        const Numbers numbers = normal_numbers(1, count(x));
        Numbers expected;
        for (const Index from : sources(y, x)) expected.push_back(numbers[from]);
        CHECK(same(broadcast(y, numbers, x), expected, y));
    }
}

TEST_CASE("sum_to: the gradients of the text, back to a row, a column and a single number") {
    const Numbers dy = {1, 2, 3, 4, 5, 6};
    CHECK(same(sum_to({3}, dy, {2, 3}, {0, 0, 0}), {5, 7, 9}));
    CHECK(same(sum_to({2, 1}, dy, {2, 3}, {0, 0}), {6, 15}));
    CHECK(same(sum_to({}, dy, {2, 3}, {0}), {21}));
}

TEST_CASE("sum_to: adds to what dx holds, also where nothing was stretched") {
    CHECK(same(sum_to({3}, {1, 2, 3, 4, 5, 6}, {2, 3}, {100, 200, 300}), {105, 207, 309}));
    CHECK(same(sum_to({2}, {1, 2}, {2}, {100, 200}), {101, 202}));
}

TEST_CASE("sum_to: where dy is 1 everywhere, dx counts the copies") {
    CHECK(same(sum_to({3}, Numbers(6, 1), {2, 3}, {0, 0, 0}), {2, 2, 2}));
    CHECK(same(sum_to({2, 1}, Numbers(6, 1), {2, 3}, {0, 0}), {3, 3}));
    CHECK(same(sum_to({}, Numbers(6, 1), {2, 3}, {0}), {6}));
}

TEST_CASE("sum_to: all pairs of shapes") {
    for (const auto& [y, x] : all_pairs()) {
        const std::string y_shape = words(y), x_shape = words(x);
        CAPTURE(y_shape);
        CAPTURE(x_shape);
        const Numbers dy = normal_numbers(2, count(y)), before = normal_numbers(3, count(x));
        Numbers expected = before;
        const Sizes right = sources(y, x);
        for (std::size_t at = 0; at < dy.size(); ++at) expected[right[at]] += dy[at];
        CHECK(same(sum_to(x, dy, y, before), expected, x));
    }
}

TEST_CASE("sum_to: is the transpose of broadcast_to (the adjoint test)") {
    // Whatever way v the numbers of x move, the change of y weighted by dy is the change of x
    // weighted by its gradient.
    for (const auto& [y, x] : all_pairs()) {
        const std::string y_shape = words(y), x_shape = words(x);
        CAPTURE(y_shape);
        CAPTURE(x_shape);
        const Numbers v = normal_numbers(4, count(x)), dy = normal_numbers(5, count(y));
        CHECK(same(dot(sum_to(x, dy, y, Numbers(v.size(), 0)), v), dot(dy, broadcast(y, v, x))));
    }
}

TEST_CASE("sum_backward: the two sums from the text") {
    CHECK(same(sum_backward({10, 20}, 1, 3, 2, Numbers(6, 0)), {10, 20, 10, 20, 10, 20}));
    CHECK(same(sum_backward({10, 20}, 2, 3, 1, Numbers(6, 0)), {10, 10, 10, 20, 20, 20}));
}

TEST_CASE("sum_backward: adds to what dx holds") {
    CHECK(same(sum_backward({10}, 1, 2, 1, {100, 200}), {110, 210}));
}

TEST_CASE("sum_backward: any three axes") {
    for (const Index outer : {1, 2, 4})
        for (const Index n : {1, 3, 5})
            for (const Index inner : {1, 2, 3}) {
                CAPTURE(outer);
                CAPTURE(n);
                CAPTURE(inner);
                const Numbers dy = normal_numbers(6, outer * inner),
                              before = normal_numbers(7, outer * n * inner);
                Numbers expected = before;
                for (Index at = 0; at < outer * n * inner; ++at)
                    expected[at] += dy[at / (n * inner) * inner + at % inner];
                CHECK(same(sum_backward(dy, outer, n, inner, before), expected, {outer, n, inner}));
            }
}

TEST_CASE("sum_backward: the library, which broadcasts with it, agrees with your broadcast_to") {
    for (const auto& [y, x] : all_pairs()) {
        const std::string y_shape = words(y), x_shape = words(x);
        CAPTURE(y_shape);
        CAPTURE(x_shape);
        const Numbers numbers = normal_numbers(8, count(x));
        const Tensor wide = gradus::broadcast_to(Tensor::from(Shape(x), numbers), Shape(y));
        CHECK(same(broadcast(y, numbers, x), wide.to_vector(), y));
    }
}

TEST_CASE("sum_backward: inside the library, gradients of stretched sums and products are right") {
    const auto formula = [](const std::vector<Variable>& x) {
        return sum(mul(add(x[0], x[1]), add(x[2], x[0])), 1);
    };
    std::vector<Tensor> inputs;
    for (const auto& shape : {Shape{2, 3, 4}, Shape{4}, Shape{3, 1}})
        inputs.push_back(Tensor::from(shape, normal_numbers(9, shape.count())));
    const GradientCheck result = gradient_check(formula, inputs);
    CAPTURE(result.message);
    CHECK(result.ok);
}

}  // namespace gradus::lesson_07
