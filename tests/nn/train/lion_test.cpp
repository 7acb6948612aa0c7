// SPDX-License-Identifier: MIT
// Lion against its definition, in double by hand.
#include "nn/train/lion.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/settings.h"

using namespace gradus;

namespace {

constexpr double kClose = kDouble ? 1e-12 : 1e-6;

}  // namespace

TEST_CASE(
    "the first step of Lion moves by lr (sign + decay w), whatever the size of the gradient") {
    for (const double g : {-100.0, -1e-3, 0.0, 1e-4, 1e5}) {
        CAPTURE(g);
        const Variable w = parameter(Tensor::full({2, 2}, 3));
        w.grad().fill(static_cast<Real>(g));
        Lion optimiser({{"w", w}}, {.decay = Real(0.5)});
        optimiser.step(Real(0.01), Real(0.25));
        const double sign = g > 0 ? 1 : g < 0 ? -1 : 0;
        CHECK(double(w.value()[1]) == doctest::Approx(3 - 0.01 * (sign + 0.5 * 3)).epsilon(kClose));
        const auto state = optimiser.state();
        REQUIRE(state.size() == 1);
        CHECK(state[0].name == "w.m");
        CHECK(double(state[0].variable.value()[1]) ==
              doctest::Approx(0.01 * 0.25 * g).epsilon(1e-5));
    }
}

TEST_CASE(
    "Lion follows its definition over many steps, with another beta for the step than for m") {
    const Variable w = parameter(Tensor::full({1}, 2));
    Lion optimiser({{"w", w}}, {.beta1 = Real(0.5), .beta2 = Real(0.8)});
    double x = 2, m = 0;
    int turns = 0;
    for (int t = 1; t <= 40; ++t) {
        const double g = std::sin(1.7 * t), lr = 0.02 / t;
        w.zero_grad();
        w.grad().fill(static_cast<Real>(g));
        optimiser.step(static_cast<Real>(lr));
        const double c = 0.5 * m + 0.5 * g;
        REQUIRE(std::abs(c) > 1e-4);  // no rounding changes its sign
        x -= c > 0 ? lr : -lr;
        m = 0.8 * m + 0.2 * g;
        turns += c * m < 0;
        CHECK(double(w.value()[0]) == doctest::Approx(x).epsilon(10 * kClose));
    }
    CHECK(turns > 3);  // steps in which the updated m would have had the other sign
}
