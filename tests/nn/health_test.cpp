// SPDX-License-Identifier: MIT
#include "nn/health.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "tensor/random.h"

using namespace gradus;
using Kind = Verdict::Kind;

namespace {

constexpr double kNothing = 3.74, kFloor = 0.1265;
constexpr Index kSteps = 2500;

double falling(Index step) {
    return kFloor + (kNothing - kFloor) * std::exp(-static_cast<double>(step) / 100);
}

}  // namespace

TEST_CASE("a normal run is never called anything else, however noisy its batches") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Random random(seed);
        Health health(kNothing, kFloor, kSteps);
        health.validated(kNothing + 0.05);
        for (Index step = 0; step < kSteps; ++step) {
            // 16 stories of 118 characters differ by 0.003 nats per character, at most by 2 %.
            health.step(falling(step) * (1 + 0.02 * random.normal()) + (step < 3 ? 0.1 : 0));
            if (step % 250 == 249) health.validated(falling(step) * (1 + 0.01 * random.normal()));
            CAPTURE(step);
            CHECK_FALSE(health.verdict().alarm());
        }
        CHECK(health.verdict().kind == Kind::normal);
    }
}

TEST_CASE("nothing is said before twenty steps, so a short run is not judged by its beginning") {
    Health health(kNothing, kFloor, 20);
    for (int i = 0; i < 19; ++i) health.step(50);
    CHECK(health.verdict().kind == Kind::starting);
    CHECK_FALSE(health.verdict().alarm());
    health.step(50);
    CHECK(health.verdict().kind == Kind::diverging);
}

TEST_CASE(
    "a loss worse than knowing nothing is called diverging, and again normal when it is over") {
    Health health(kNothing, -1, kSteps);
    for (int i = 0; i < 25; ++i) health.step(kNothing + 0.25);
    CHECK(health.verdict().kind == Kind::normal);
    for (int i = 0; i < 60; ++i) health.step(40);
    CHECK(health.verdict().words ==
          "diverging: 38.34 is worse than knowing nothing; learning rate too high? (--lr)");
    for (int i = 0; i < 300; ++i) health.step(2);
    CHECK(health.verdict().kind == Kind::normal);
}

TEST_CASE("a loss below the floor is a leak, in training or in validation; just below is noise") {
    Health training(kNothing, kFloor, kSteps);
    for (int i = 0; i < 200; ++i) training.step(0.9 * kFloor);
    CHECK(training.verdict().kind == Kind::normal);
    for (int i = 0; i < 200; ++i) training.step(0.5 * kFloor);
    CHECK(training.verdict().words ==
          "below the floor 0.127: a leak, the model sees what it should predict");
    Health validation(kNothing, kFloor, kSteps);
    for (int i = 0; i < 50; ++i) validation.step(1);
    validation.validated(0.9 * kFloor);
    CHECK(validation.verdict().kind == Kind::normal);
    validation.validated(0.5 * kFloor);
    CHECK(validation.verdict().kind == Kind::leak);
    Health unknown(kNothing, -1, kSteps);
    for (int i = 0; i < 200; ++i) unknown.step(0.001);
    CHECK(unknown.verdict().kind == Kind::normal);
}

TEST_CASE("a loss that has not moved after a fifth of the run is called slow, not earlier") {
    Health health(kNothing, kFloor, kSteps);
    for (int i = 0; i < 499; ++i) health.step(kNothing);
    CHECK(health.verdict().kind == Kind::normal);
    health.step(kNothing);
    CHECK(health.verdict().kind == Kind::slow);
    for (int i = 0; i < 200; ++i) health.step(3);
    CHECK(health.verdict().kind == Kind::normal);
}

TEST_CASE("overfitting takes two rises, a distance from the best, and training far below") {
    Health health(4.17, -1, 5000);
    for (int i = 0; i < 1000; ++i) health.step(1.2);
    for (const double loss : {1.6, 1.5, 1.55}) health.validated(loss);
    CHECK(health.verdict().kind == Kind::normal);
    health.validated(1.6);
    CHECK(health.verdict().kind == Kind::overfitting);
    health.validated(1.52);
    CHECK(health.verdict().kind == Kind::normal);
    Health together(4.17, -1, 5000);  // both are high: no sign of learning by heart
    for (int i = 0; i < 1000; ++i) together.step(1.58);
    for (const double loss : {1.5, 1.55, 1.6}) together.validated(loss);
    CHECK(together.verdict().kind == Kind::normal);
}

TEST_CASE("every kind has a name of its own") {
    CHECK(name(Kind::starting) == "starting");
    CHECK(name(Kind::normal) == "normal");
    CHECK(name(Kind::slow) == "slow");
    CHECK(name(Kind::diverging) == "diverging");
    CHECK(name(Kind::leak) == "leak");
    CHECK(name(Kind::overfitting) == "overfitting");
    CHECK_THROWS_AS(Health(-1, -1, 10), std::invalid_argument);
}
