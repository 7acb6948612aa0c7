// SPDX-License-Identifier: MIT
#include "nn/look/plane.h"

#include <doctest/doctest.h>

#include "nn/plot/text.h"

using namespace gradus;

namespace {

const Tensor kPoints = Tensor::matrix({{0, 0}, {4, 0}, {0, 2}, {4, 2}});
const Tensor kClasses = Tensor::from({0, 1, 0, 1});

}  // namespace

TEST_CASE("plane_of splits the points by class and leaves a margin of a tenth") {
    const Boundary plane = plane_of(kPoints, kClasses);
    CHECK(plane.classes.at(0).x == std::vector<double>{0, 0});
    CHECK(plane.classes.at(0).y == std::vector<double>{0, 2});
    CHECK(plane.classes.at(1).x == std::vector<double>{4, 4});
    CHECK(plane.x_low == doctest::Approx(-0.4));
    CHECK(plane.x_high == doctest::Approx(4.4));
    CHECK(plane.y_low == doctest::Approx(-0.2));
    CHECK(plane.y_high == doctest::Approx(2.2));
    CHECK(plane.columns == 2 * plane.rows);  // square cells
    CHECK(plane.frames.empty());
}

TEST_CASE("cells_of begins at the upper left and goes row by row") {
    Boundary plane = plane_of(kPoints, kClasses);
    plane.rows = 2, plane.columns = 3;
    const Tensor cells = cells_of(plane);
    REQUIRE(cells.shape() == Shape{6, 2});
    CHECK(cells.at(0, 0) == doctest::Approx(0.4));
    CHECK(cells.at(0, 1) == doctest::Approx(1.6));
    CHECK(cells.at(2, 0) == doctest::Approx(3.6));
    CHECK(cells.at(2, 1) == doctest::Approx(1.6));
    CHECK(cells.at(3, 1) == doctest::Approx(0.4));
}

TEST_CASE("a frame of a plane is drawn where it belongs") {
    Boundary plane = plane_of(kPoints, kClasses);
    const Tensor cells = cells_of(plane);
    const Tensor answers({cells.size(0), 1});
    for (Index i = 0; i < cells.size(0); ++i) answers[i] = cells.at(i, 0) > 2;
    add_frame(plane, "right half", answers);
    CHECK(text(plane, {.columns = 40, .rows = 4, .unicode = false}).starts_with("right half"));
    CHECK(text(plane, {.columns = 40, .rows = 4, .unicode = false}).find("|        ########|\n") !=
          std::string::npos);
}

TEST_CASE("plane_of and add_frame say what does not fit") {
    CHECK_THROWS_WITH_AS(plane_of(kPoints, Tensor({3})),
                         "plane_of: x is (4, 2), y is (3,), must be (N, 2) and N values",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(plane_of(kPoints, Tensor::from({0, 1, 2, 1})),
                         "plane_of: y[2] is 2, must be 0 or 1", std::invalid_argument);
    CHECK_THROWS_WITH_AS(plane_of(Tensor({2, 2}), Tensor({2})),
                         "plane_of: points from 0 to 0, must differ", std::invalid_argument);
    Boundary plane = plane_of(kPoints, kClasses);
    CHECK_THROWS_WITH_AS(add_frame(plane, "", Tensor({3})), "add_frame: 3 values for 40 x 80 cells",
                         std::invalid_argument);
}
