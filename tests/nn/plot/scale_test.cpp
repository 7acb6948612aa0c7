// SPDX-License-Identifier: MIT
#include "nn/plot/scale.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace gradus;

TEST_CASE("a position on an axis and back, linear and logarithmic") {
    const Scale linear{.low = 2, .high = 6};
    CHECK(linear.place(3) == doctest::Approx(0.25));
    CHECK(linear.at(0.25) == doctest::Approx(3));
    const Scale log{.low = 1, .high = 100, .log = true};
    CHECK(log.place(10) == doctest::Approx(0.5));
    CHECK(log.at(0.5) == doctest::Approx(10));
    CHECK_FALSE(log.drawn(0));
    CHECK_FALSE(linear.drawn(std::nan("")));
}

TEST_CASE("ticks are round numbers within the axis") {
    CHECK(Scale{.low = 0, .high = 10}.ticks() == std::vector<double>{0, 2, 4, 6, 8, 10});
    CHECK(Scale{.low = -0.4, .high = 0.9}.ticks() == std::vector<double>{0, 0.5});
    const auto log_ticks = [](double low, double high) {
        return Scale{.low = low, .high = high, .log = true}.ticks();
    };
    CHECK(log_ticks(1, 1000) == std::vector<double>{1, 10, 100, 1000});
    CHECK(log_ticks(3, 60) == std::vector<double>{5, 10, 20, 50});
    CHECK(log_ticks(1.5, 4.2) == std::vector<double>{2, 3, 4});  // only 2 of 1, 2 and 5
    CHECK(Scale{.low = 1e-9, .high = 1e9, .log = true}.ticks().size() <= 6);
}

TEST_CASE("one number still makes an axis") {
    for (const double value : {0.0, 5.0, -5.0}) {
        Scale scale{.low = value, .high = value};
        scale.widen_if_flat();
        CAPTURE(value);
        CHECK(scale.low < value);
        CHECK(scale.high > value);
    }
}

TEST_CASE("short numbers have three digits, and more only where neighbours need them") {
    using Words = std::vector<std::string>;
    CHECK(short_numbers({3.741, 2.5, 0.12648}) == Words{"3.74", "2.5", "0.126"});
    CHECK(short_numbers({1.0001, 1.0002}) == Words{"1.0001", "1.0002"});
    CHECK(short_numbers({2, 2}) == Words{"2", "2"});
    CHECK(short_numbers({1e-9, 2e-9, 1}) == Words{"1e-09", "2e-09", "1"});
    CHECK(short_numbers({1, 1 + 1e-12})[1].size() <= 8);  // there is no room for more
    CHECK(short_numbers({}).empty());
    CHECK(range_text("x", 1.0001, 1.0002) == "x from 1.0001 to 1.0002");
}
