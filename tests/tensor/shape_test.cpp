// SPDX-License-Identifier: MIT
#include "tensor/shape.h"

#include <doctest/doctest.h>

#include "tensor/tokens.h"

using namespace gradus;

TEST_CASE("a shape knows its rank, its sizes from both ends and its count") {
    const Shape shape{2, 3, 5};
    CHECK(shape.rank() == 3);
    CHECK(shape[0] == 2);
    CHECK(shape[2] == 5);
    CHECK(shape[-1] == 5);
    CHECK(shape[-3] == 2);
    CHECK(shape.size(1) == 3);
    CHECK(shape.count() == 30);
    CHECK(shape.rows() == 6);
    CHECK(shape.axis(-1) == 2);
    CHECK(shape.axis(1) == 1);
}

TEST_CASE("the shape without axes is one number") {
    const Shape scalar;
    CHECK(scalar.rank() == 0);
    CHECK(scalar.count() == 1);
    CHECK(to_string(scalar) == "()");
    CHECK_THROWS_WITH_AS(scalar.rows(), "shape: () is a scalar and has no rows",
                         std::invalid_argument);
}

TEST_CASE("an axis of size 0 makes an empty shape") {
    CHECK(Shape{3, 0, 2}.count() == 0);
    CHECK(Shape{3, 0}.rows() == 3);
    CHECK(Shape{0, 3}.rows() == 0);
}

TEST_CASE("shapes print as NumPy prints them") {
    CHECK(to_string(Shape{5}) == "(5,)");
    CHECK(to_string(Shape{2, 3}) == "(2, 3)");
    CHECK(to_string(Shape{1, 0, 7}) == "(1, 0, 7)");
    CHECK(fmt::format("{}", Shape{4, 1}) == "(4, 1)");
}

TEST_CASE("shapes are equal if rank and sizes are") {
    CHECK((Shape{2, 3} == Shape{2, 3}));
    CHECK_FALSE((Shape{2, 3} == Shape{3, 2}));
    CHECK_FALSE((Shape{2} == Shape{2, 1}));
    CHECK((Shape{} == Shape()));
}

TEST_CASE("with, without and appended return changed copies") {
    const Shape shape{2, 3, 5};
    CHECK((shape.with(-1, 7) == Shape{2, 3, 7}));
    CHECK((shape.with(0, 0) == Shape{0, 3, 5}));
    CHECK((shape.without(1) == Shape{2, 5}));
    CHECK((shape.without(-1) == Shape{2, 3}));
    CHECK((shape.appended(4) == Shape{2, 3, 5, 4}));
    CHECK((Shape().appended(4) == Shape{4}));
    CHECK((shape == Shape{2, 3, 5}));
}

TEST_CASE("an axis that does not exist is named together with the shape") {
    const Shape shape{2, 3};
    CHECK_THROWS_WITH_AS(shape[2], "shape: axis 2 of shape (2, 3) does not exist",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(shape[-3], "shape: axis -3 of shape (2, 3) does not exist",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(shape.without(5), "shape: axis 5 of shape (2, 3) does not exist",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Shape().with(0, 1), "shape: axis 0 of shape () does not exist",
                         std::invalid_argument);
}

TEST_CASE("a negative size, a seventh axis and an astronomical count are refused") {
    CHECK_THROWS_WITH_AS((Shape{2, -1}), "shape: size -1 of axis 1 is negative",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS((Shape{1, 1, 1, 1, 1, 1, 1}), "shape: 7 axes, at most 6 are supported",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS((Shape{1, 1, 1, 1, 1, 1}.appended(2)),
                         "shape: 7 axes, at most 6 are supported", std::invalid_argument);
    const Index big = Index{1} << 32;
    CHECK_THROWS_AS((Shape{big, big}), std::invalid_argument);
    CHECK((Shape{1, 1, 1, 1, 1}.count() == 1));
}

TEST_CASE("broadcasting aligns at the last axis and stretches sizes of 1") {
    const auto both = [](const Shape& a, const Shape& b, const Shape& expected) {
        CAPTURE(to_string(a));
        CAPTURE(to_string(b));
        CHECK((broadcast_shape("add", a, b) == expected));
        CHECK((broadcast_shape("add", b, a) == expected));
    };
    both({2, 3}, {2, 3}, {2, 3});
    both({2, 3}, {3}, {2, 3});
    both({2, 3}, {1}, {2, 3});
    both({2, 3}, {}, {2, 3});
    both({2, 1}, {1, 3}, {2, 3});
    both({4, 1, 5}, {3, 1}, {4, 3, 5});
    both({7, 1, 1}, {1, 2, 6}, {7, 2, 6});
    both({}, {}, {});
    both({0, 3}, {1}, {0, 3});
    both({0, 3}, {1, 1}, {0, 3});
    both({1, 1, 1, 1, 2}, {5, 1, 1, 1, 1}, {5, 1, 1, 1, 2});
}

TEST_CASE("shapes that do not broadcast are named with the operation, the axis and the sizes") {
    CHECK_THROWS_WITH_AS(
        broadcast_shape("mul", {2, 3}, {4}),
        "mul: shapes (2, 3) and (4,) do not broadcast: axis -1 has sizes 3 and 4, and neither is 1",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(broadcast_shape("add", {2, 1, 5}, {3, 4, 5}),
                         "add: shapes (2, 1, 5) and (3, 4, 5) do not broadcast: axis -3 has sizes "
                         "2 and 3, and neither is 1",
                         std::invalid_argument);
    CHECK_THROWS_AS(broadcast_shape("add", {0}, {2}), std::invalid_argument);
}

TEST_CASE("tokens must be as many as their shape says") {
    const Tokens tokens({2, 3}, {1, 2, 3, 4, 5, -1});
    CHECK(tokens.count() == 6);
    CHECK_THROWS_WITH_AS(Tokens({2, 3}, {1, 2}), "tokens: shape (2, 3) for 2 ids",
                         std::invalid_argument);
}
