// SPDX-License-Identifier: MIT
#include "nn/train/health.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "nn/data/text_source.h"
#include "tensor/random.h"
#include "tests/settings.h"

using namespace gradus;
using Kind = Health::Kind;

namespace {

constexpr double kNothing = 3.74, kFloor = 0.1265;
constexpr double kError = 0.0004;  // of a validation loss: 128 stories of tales
constexpr double kUnknown = std::numeric_limits<double>::infinity();
constexpr Index kSteps = 2500;

double falling(Index step) {
    return kFloor + (kNothing - kFloor) * std::exp(-static_cast<double>(step) / 100);
}

}  // namespace

TEST_CASE("a normal run is never called anything else, however noisy its batches") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Random random(seed);
        HealthMonitor health(kNothing, kFloor, kSteps);
        health.validated(kNothing + 0.05, kError);
        for (Index step = 0; step < kSteps; ++step) {
            // 16 stories of 118 characters differ by 0.003 nats per character, at most by 2%.
            health.step(falling(step) * (1 + 0.02 * random.normal()) + (step < 3 ? 0.1 : 0));
            if (step % 250 == 249)
                health.validated(falling(step) * (1 + 0.003 * random.normal()), kError);
            CAPTURE(step);
            CHECK_FALSE(health.verdict().alarm());
        }
        CHECK(health.verdict().kind == Kind::normal);
    }
}

TEST_CASE("nothing is said before twenty steps, so a short run is not judged by its beginning") {
    HealthMonitor health(kNothing, kFloor, 20);
    for (int i = 0; i < 19; ++i) health.step(50);
    CHECK(health.verdict().kind == Kind::starting);
    CHECK_FALSE(health.verdict().alarm());
    health.step(50);
    CHECK(health.verdict().kind == Kind::diverging);
}

TEST_CASE(
    "a loss worse than the uniform baseline is called diverging, and again normal when it is "
    "over") {
    HealthMonitor health(kNothing, -1, kSteps);
    for (int i = 0; i < 25; ++i) health.step(kNothing + 0.25);
    CHECK(health.verdict().kind == Kind::normal);
    for (int i = 0; i < 60; ++i) health.step(40);
    CHECK(
        health.verdict().words ==
        "diverging: 38.34 is worse than the uniform baseline 3.74; learning rate too high? (--lr)");
    for (int i = 0; i < 300; ++i) health.step(2);
    CHECK(health.verdict().kind == Kind::normal);
}

TEST_CASE("a loss below the floor is a leak, in training or in validation; just below is noise") {
    HealthMonitor training(kNothing, kFloor, kSteps);
    for (int i = 0; i < 200; ++i) training.step(0.9 * kFloor);
    CHECK(training.verdict().kind == Kind::normal);
    for (int i = 0; i < 200; ++i) training.step(0.5 * kFloor);
    CHECK(training.verdict().words ==
          "below the floor 0.127: a leak, the model sees what it should predict");
    HealthMonitor validation(kNothing, kFloor, kSteps);
    for (int i = 0; i < 50; ++i) validation.step(1);
    validation.validated(kFloor - 4 * kError, kError);
    CHECK(validation.verdict().kind == Kind::normal);
    validation.validated(kFloor - 6 * kError, kError);
    CHECK(validation.verdict().kind == Kind::leak);
    validation.validated(kFloor, kError);
    CHECK(validation.verdict().kind == Kind::normal);
    validation.validated(0.01 * kFloor, kUnknown);  // from a log, which has no standard errors
    CHECK(validation.verdict().kind == Kind::normal);
    HealthMonitor unknown(kNothing, -1, kSteps);
    for (int i = 0; i < 200; ++i) unknown.step(0.001);
    CHECK(unknown.verdict().kind == Kind::normal);
}

TEST_CASE("what a perfect model pays for the held-out stories is never called a leak" *
          kFullSpeedOnly) {
    for (const auto& name : text_source_names()) {
        const auto source = text_source(name);
        for (const int stories : {128, 1000}) {  // of a quick evaluation, and of the last
            double loss = 0, tokens = 0, squares = 0;
            std::vector<std::pair<double, double>> rows;
            for (int i = 0; i < stories; ++i) {
                const auto paid = source->surprisal(
                    source->document(0, static_cast<std::uint64_t>(i), Stream::validation));
                rows.emplace_back(std::accumulate(paid.begin(), paid.end(), 0.0), paid.size());
                loss += rows.back().first, tokens += rows.back().second;
            }
            for (const auto& [l, n] : rows) squares += std::pow(l - loss / tokens * n, 2);
            const double floor = source->floor(), error = std::sqrt(squares) / tokens;
            HealthMonitor health(4, floor, 1000);
            for (int i = 0; i < 20; ++i) health.step(loss / tokens);
            health.validated(loss / tokens, error);
            CAPTURE(name);
            CHECK_FALSE(health.verdict().alarm());
            CHECK(5 * error < 0.08 * floor);  // sharper than one margin for all sources
            // All sums cost the same, so that only rounding tells one mean from another.
            health.validated(loss / tokens - std::max(7 * error, 1e-4), error);
            CHECK(health.verdict().kind == Kind::leak);
        }
    }
}

TEST_CASE(
    "a reference band is compared where it has a point, and the verdict holds until the next") {
    const std::vector<BandPoint> band = {{50, 1.5, 2}, {100, 0.5, 1}, {150, -kUnknown, 1}};
    const auto run = [&](double loss, Index steps) {
        HealthMonitor health(kNothing, kFloor, kSteps, band);
        for (Index i = 0; i < steps; ++i) health.step(loss);
        return health.verdict();
    };
    CHECK(run(2.5, 49).kind == Kind::normal);
    CHECK(run(2.5, 50).words ==
          "slower than expected: 2.500 at step 50, normal is below 2.000 (./gradus test)");
    CHECK(run(2.5, 99).kind == Kind::slow);
    CHECK(run(1.7, 99).kind == Kind::normal);
    CHECK(run(1.7, 100).kind == Kind::slow);
    CHECK(run(0.4, 50).words ==
          "faster than expected: 0.400 at step 50, normal is above 1.500 (a leak?)");
    CHECK(run(0.4, 149).kind == Kind::leak);
    CHECK(run(0.4, 150).kind == Kind::normal);
    CHECK(run(0.7, 100).kind == Kind::normal);
    // What is certain is reported first.
    CHECK(run(0.5 * kFloor, 60).words ==
          "below the floor 0.127: a leak, the model sees what it should predict");
    CHECK(run(5, 60).kind == Kind::diverging);
    for (const double loss : {2.5, 0.4}) CHECK(run(loss, 100).words.size() < 80);  // columns
}

TEST_CASE("a loss that has not moved after a fifth of the run is called slow, but not earlier") {
    HealthMonitor health(kNothing, kFloor, kSteps);
    for (int i = 0; i < 499; ++i) health.step(kNothing);
    CHECK(health.verdict().kind == Kind::normal);
    health.step(kNothing);
    CHECK(health.verdict().kind == Kind::slow);
    for (int i = 0; i < 200; ++i) health.step(3);
    CHECK(health.verdict().kind == Kind::normal);
}

TEST_CASE("overfitting takes two rises, a distance from the best, and training far below") {
    HealthMonitor health(4.17, -1, 5000);
    for (int i = 0; i < 1000; ++i) health.step(1.2);
    for (const double loss : {1.6, 1.5, 1.55}) health.validated(loss, kError);
    CHECK(health.verdict().kind == Kind::normal);
    health.validated(1.6, kError);
    CHECK(health.verdict().kind == Kind::overfitting);
    health.validated(1.52, kError);
    CHECK(health.verdict().kind == Kind::normal);
    HealthMonitor together(4.17, -1, 5000);  // both are high: no sign of memorisation
    for (int i = 0; i < 1000; ++i) together.step(1.58);
    for (const double loss : {1.5, 1.55, 1.6}) together.validated(loss, kError);
    CHECK(together.verdict().kind == Kind::normal);
}

TEST_CASE("a model that has learnt before is not called slow for moving little") {
    for (const bool trained : {false, true}) {
        HealthMonitor health(std::log(50000.0), -1, 200, {}, trained);
        for (int step = 0; step < 200; ++step) health.step((trained ? 3.5 : 10.5) - 0.001 * step);
        CHECK(health.verdict().kind == (trained ? Health::Kind::normal : Health::Kind::slow));
    }
}

TEST_CASE("every kind has its own name") {
    CHECK(name(Kind::starting) == "starting");
    CHECK(name(Kind::normal) == "normal");
    CHECK(name(Kind::slow) == "slow");
    CHECK(name(Kind::diverging) == "diverging");
    CHECK(name(Kind::leak) == "leak");
    CHECK(name(Kind::overfitting) == "overfitting");
}

TEST_CASE("without a uniform baseline a loss is compared with the first one") {
    HealthMonitor health(-1, -1, 200);
    CHECK(health.verdict().kind == Kind::starting);
    for (int i = 0; i < 20; ++i) health.step(5);
    CHECK(health.verdict().kind == Kind::normal);
    for (int i = 0; i < 80; ++i) health.step(4.9);  // a fifth is over, and it has hardly moved
    CHECK(health.verdict().kind == Kind::slow);
    for (int i = 0; i < 50; ++i) health.step(0.1);
    CHECK(health.verdict().kind == Kind::normal);
    for (int i = 0; i < 100; ++i) health.step(11);
    CHECK(health.verdict().kind == Kind::diverging);
    CHECK(health.verdict().words ==
          "diverging: the loss was 5 at first and is now 10.9; learning rate too high?");
}
