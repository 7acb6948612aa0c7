// SPDX-License-Identifier: MIT
#include "nn/data/moons.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace gradus;

TEST_CASE("two moons: alternating classes, around their half circles, the same for a seed") {
    const LabelledPoints moons = two_moons(3, 101), again = two_moons(3, 101), other = two_moons(4);
    CHECK(moons.x.shape() == Shape({101, 2}));
    CHECK(moons.y.shape() == Shape({101, 1}));
    CHECK(moons.x.to_vector() == again.x.to_vector());
    CHECK(moons.x.at(0, 0) != other.x.at(0, 0));
    for (Index i = 0; i < 101; ++i) {
        CAPTURE(i);
        CHECK(moons.y[i] == Real(i % 2));
        const double x = moons.x.at(i, 0) - (i % 2 == 1 ? 1 : 0);
        const double y = moons.x.at(i, 1) - (i % 2 == 1 ? 0.5 : 0);
        CHECK(std::abs(std::hypot(x, y) - 1) < 0.5);  // five standard deviations
    }
    CHECK_THROWS_WITH_AS(two_moons(1, 0), "two_moons: 0 points, must be at least 1",
                         std::invalid_argument);
}
