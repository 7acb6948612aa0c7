// SPDX-License-Identifier: MIT
// Learning-rate schedules against closed forms.
#include "nn/train/schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace gradus;

TEST_CASE("the learning rate warms up linearly and falls along half a cosine") {
    const WarmupCosine schedule{.steps = 110, .warmup = 10, .lr = 1, .min_lr = 0.2};
    CHECK(schedule(0) == doctest::Approx(1.0 / 11));
    CHECK(schedule(4) == doctest::Approx(5.0 / 11));
    CHECK(schedule(10) == doctest::Approx(1));
    CHECK(schedule(60) == doctest::Approx(0.6));                               // halfway down
    CHECK(schedule(35) == doctest::Approx(0.2 + 0.4 * (1 + std::sqrt(0.5))));  // cos(pi / 4)
    CHECK(schedule(110) == 0.2);
    CHECK(schedule(100000) == 0.2);
    for (Index t = 0; t < 110; ++t) {
        CAPTURE(t);
        CHECK((t < 10) == (schedule(t + 1) > schedule(t)));
        CHECK(schedule(t) > 0);
        CHECK(schedule(t) <= 1);
    }
}

TEST_CASE("learning rates near the largest number do not overflow on the way") {
    const double huge = 1.6e308;  // found by tests/fuzz/config_fuzz.cpp: -infinity at first
    const WarmupCosine rising{.steps = 10, .warmup = 0, .lr = 1, .min_lr = huge};
    const WarmupCosine falling{.steps = 10, .warmup = 0, .lr = huge, .min_lr = 0};
    for (Index t = 0; t <= 10; ++t) {
        CHECK((rising(t) >= 0 && rising(t) <= huge));
        CHECK((falling(t) >= 0 && falling(t) <= huge));
    }
}

TEST_CASE("no number of steps is too large") {
    const Index most = std::numeric_limits<Index>::max();
    CHECK(Constant{most, 1}(most - 1) == doctest::Approx(1));
    CHECK(WarmupCosine{.steps = most, .warmup = most, .lr = 1}(0) > 0);
    for (const double cooldown : {0.0, 0.5, 1.0}) {
        const WarmupStableDecay wsd{.steps = most, .lr = 1, .cooldown = cooldown};
        CHECK(wsd(0) == 1);
        CHECK(wsd(most / 4 * 3) <= 1);
        CHECK(wsd(most / 4 * 3) >= (cooldown == 0 ? 1 : 0.1));
    }
}

TEST_CASE("without warm-up the schedule begins at its peak; all steps may be warm-up") {
    CHECK(WarmupCosine{.steps = 5, .warmup = 0, .lr = 3, .min_lr = 1}(0) == 3);
    const WarmupCosine short_run{.steps = 5, .warmup = 100, .lr = 1, .min_lr = 0.5};
    for (Index t = 0; t < 5; ++t)
        CHECK(short_run(t) == doctest::Approx(static_cast<double>(t + 1) / 101));
    CHECK(WarmupCosine{.steps = 0, .warmup = 0, .lr = 3, .min_lr = 1}(0) == 1);
}

TEST_CASE("wsd warms up, stays at its peak, and falls as 1 - sqrt(t) in its last part") {
    const WarmupStableDecay schedule{
        .steps = 200, .warmup = 10, .lr = 1, .min_lr = 0.2, .cooldown = 0.2};
    CHECK(schedule(4) == doctest::Approx(5.0 / 11));
    for (const Index step : {10, 100, 159, 160}) CHECK(schedule(step) == 1);
    CHECK(schedule(170) == doctest::Approx(0.6));  // sqrt(1/4)
    CHECK(schedule(182) == doctest::Approx(0.2 + 0.8 * (1 - std::sqrt(0.55))));
    CHECK(schedule(200) == 0.2);
    CHECK(schedule(100000) == 0.2);
    for (Index t = 160; t < 200; ++t) CHECK(schedule(t + 1) < schedule(t));
}

TEST_CASE(
    "wsd without a cooldown is constant, with nothing else it falls from the end of warm-up") {
    const WarmupStableDecay never{.steps = 50, .warmup = 5, .lr = 1, .min_lr = 0, .cooldown = 0};
    const Constant constant{.warmup = 5, .lr = 1};
    for (Index t = 0; t < 50; ++t) CHECK(never(t) == constant(t));
    CHECK(constant(0) == doctest::Approx(1.0 / 6));
    CHECK(constant(1000000) == 1);
    const WarmupStableDecay always{.steps = 50, .warmup = 14, .lr = 1, .min_lr = 0, .cooldown = 1};
    CHECK(always(13) == doctest::Approx(14.0 / 15));
    CHECK(always(14) == 1);
    CHECK(always(23) == doctest::Approx(0.5));  // (23 - 14) / 36 = 1/4
    CHECK(WarmupStableDecay{.steps = 5, .warmup = 100, .lr = 1}(4) == doctest::Approx(5.0 / 101));
}
