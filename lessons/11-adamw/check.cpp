// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <ctime>

#include "autograd/elementwise.h"
#include "nn/layers/linear.h"
#include "nn/loss.h"
#include "nn/train/optimiser.h"
#include "tensor/ops.h"

namespace gradus::lesson_11 {
namespace {

using Numbers = std::vector<Real>;

struct Settings {
    Real lr = 0.1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0;
};

// Weights and what is remembered about them. The step gets what is inside; t is the next step.
struct State {
    Numbers w, m, v;
    Index t = 1;

    explicit State(Numbers start) : w(std::move(start)), m(w.size()), v(w.size()) {}
    State& step(const Numbers& g, const Settings& s) {
        part().adamw_step(w.data(), g.data(), m.data(), v.data(), s.lr, s.beta1, s.beta2, s.eps,
                          s.decay, t++, static_cast<Index>(w.size()));
        return *this;
    }
};

// The same in the check's own words, with the powers of beta multiplied up step by step.
struct Reference {
    Numbers w, m, v;
    double power1 = 1, power2 = 1;

    explicit Reference(Numbers start) : w(std::move(start)), m(w.size()), v(w.size()) {}
    void step(const Numbers& g, const Settings& s) {
        power1 *= s.beta1, power2 *= s.beta2;
        for (std::size_t i = 0; i < w.size(); ++i) {
            m[i] += (1 - s.beta1) * (g[i] - m[i]);
            v[i] += (1 - s.beta2) * (g[i] * g[i] - v[i]);
            const double root = std::sqrt(v[i] / (1 - power2));
            w[i] = w[i] - s.lr * s.decay * w[i] - s.lr * m[i] / (1 - power1) / (root + s.eps);
        }
    }
};

struct Net {
    Linear hidden, out;
    void parameters(auto&& visit) { visit("hidden", hidden), visit("out", out); }
};

// Two steps, the second and third, from a state in which nothing is 0 and nothing equal. beta2 is so
// small that beta2 * t, a usual slip, is less than 1 and gives a number, not the root of a negative one.
const Fingerprint print("adamw_step", [] {
    // With room after the arrays, for answers that step over the end; there v is positive, too.
    Numbers w = with_room({1, -2, 3}), m = with_room({0.3, -0.2, 0.05}), v = with_room({});
    for (auto& x : v) x *= x;
    v[0] = 0.4, v[1] = 0.9, v[2] = 0.02;
    Index t = 2;
    Numbers between;
    for (const Numbers& g : {Numbers{0.5, -1.5, 0.1}, {2, 0.25, -0.1}, {0, 1, 0}}) {
        part().adamw_step(w.data(), with_room(g).data(), m.data(), v.data(), 0.1, 0.8, 0.3, 0.01,
                          0.2, t++, 3);
        if (between.empty()) between = w;
    }
    w.insert(w.end(), between.begin(), between.end());
    w.insert(w.end(), m.begin(), m.end());
    w.insert(w.end(), v.begin(), v.end());
    return w;
});

}  // namespace

TEST_CASE("adamw_step: the first step from the text: m, v and the weight") {
    State yours({1});
    yours.step({4}, {});
    CHECK(same(yours.m[0], 0.4));
    CHECK(same(yours.v[0], 0.016));
    CHECK(same(yours.w[0], 0.9, 1e-6));
}

TEST_CASE("adamw_step: the second step from the text, with what the first one left") {
    State yours({1});
    yours.step({4}, {}).step({2}, {});
    CHECK(same(yours.m[0], 0.56));
    CHECK(same(yours.v[0], 0.019984));
    CHECK(same(yours.w[0], 0.9 - 0.1 * (0.56 / 0.19) / (std::sqrt(0.019984 / 0.001999)), 1e-6));
}

TEST_CASE("adamw_step: the first step has length lr, whatever the size of the gradient") {
    const Numbers g = {1e-6, -1e-6, 3, -3, 1e6, -1e6};
    for (const Real lr : {0.1, 0.003}) {
        CAPTURE(lr);
        State yours({0, 1, 2, 3, 4, 5});
        yours.step(g, {.lr = lr, .eps = 1e-16});
        CHECK(same(yours.w, {-lr, 1 + lr, 2 - lr, 3 + lr, 4 - lr, 5 + lr}));
    }
}

TEST_CASE("adamw_step: eps is added after the root") {
    // The mean of the squares is 1e-4, its root 0.01: as large as eps, so the step is half as long.
    State yours({0});
    yours.step({0.01}, {.lr = 0.1, .eps = 0.01});
    CHECK(same(yours.w[0], -0.05));
}

TEST_CASE("adamw_step: without a gradient nothing moves, and nothing is 0 / 0") {
    State yours({1, -2, 0});
    for (int i = 0; i < 3; ++i) yours.step({0, 0, 0}, {});
    CHECK(same(yours.w, {1, -2, 0}));
}

TEST_CASE("adamw_step: without a gradient m and v are forgotten slowly, and the weight rolls on") {
    State yours({1});
    yours.step({4}, {}).step({0}, {});
    CHECK(same(yours.m[0], 0.36));
    CHECK(same(yours.v[0], 0.015984));
    CHECK(same(yours.w[0], 0.9 - 0.1 * (0.36 / 0.19) / std::sqrt(0.015984 / 0.001999), 1e-6));
}

TEST_CASE("adamw_step: without a gradient, decay takes lr * decay * w off each weight") {
    for (const Real decay : {0.1, 0.01}) {
        CAPTURE(decay);
        State yours({1, -2, 50, 0});
        yours.step({0, 0, 0, 0}, {.lr = 0.5, .decay = decay});
        const Real keep = 1 - 0.5 * decay;
        CHECK(same(yours.w, {keep, -2 * keep, 50 * keep, 0}));
        CHECK(same(yours.m, {0, 0, 0, 0}));
        CHECK(same(yours.v, {0, 0, 0, 0}));
    }
}

TEST_CASE("adamw_step: 20 steps on any number of weights") {
    const Settings list[] = {
        {},
        {.lr = 0.01, .beta1 = 0.8, .beta2 = 0.95, .eps = 0.1, .decay = 0.3},
        {.lr = 1, .beta1 = 0.5, .beta2 = 0.6, .eps = 1e-3, .decay = 0.5},
        {.lr = 0.1, .beta1 = 0, .beta2 = 0.9, .eps = 1e-8, .decay = 0},
    };
    for (const Index n : {1, 2, 5})
        for (const auto& settings : list) {
            State yours(normal_numbers(1, n));
            Reference right(yours.w);
            for (int t = 1; t <= 20; ++t) {
                Numbers g = normal_numbers(static_cast<std::uint64_t>(100 + t), n);
                for (auto& x : g) x *= t % 3 == 0 ? 10 : 1;
                yours.step(g, settings);
                right.step(g, settings);
                CAPTURE(n);
                CAPTURE(t);
                const Real beta1 = settings.beta1;
                CAPTURE(beta1);
                REQUIRE(same(yours.m, right.m));
                REQUIRE(same(yours.v, right.v));
                REQUIRE(same(yours.w, right.w));
            }
        }
}

TEST_CASE("adamw_step: it goes on from any step, also the 5000th") {
    State yours({1, -2});
    yours.m = {0.5, -0.1}, yours.v = {2, 0.3}, yours.t = 5000;
    yours.step({1, 1}, {});
    const double correction2 = 1 - std::pow(0.999, 5000);
    CHECK(same(yours.w,
               {1 - 0.1 * 0.55 / std::sqrt(1.999 / correction2),
                -2 - 0.1 * 0.01 / std::sqrt(0.3007 / correction2)},
               {}, 1e-8));
    yours.t = 100'000'000;
    const std::clock_t start = std::clock();
    yours.step({0, 0}, {});
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    CHECK(finite(yours.w));
    CHECK_MESSAGE(seconds < 0.05,
                  "step 100,000,000 is too slow: the power of beta is multiplied up in a loop. "
                  "std::pow takes the same time for every t");
}

TEST_CASE("adamw_step: n weights and no more are touched") {
    Numbers w(5, 1), m(5, 0.5), v(5, 0.5);
    const Numbers g(5, 2);
    part().adamw_step(w.data(), g.data(), m.data(), v.data(), 0.1, 0.9, 0.999, 1e-8, 0.1, 2, 3);
    for (const auto& x : {w, m, v}) {
        CHECK(x[2] != x[3]);
        CHECK(same(x[2], x[0]));
    }
    CHECK(same({w[3], w[4], m[3], m[4], v[3], v[4]}, {1, 1, 0.5, 0.5, 0.5, 0.5}));
}

TEST_CASE("adamw_step: steep or flat, the way down takes the same steps") {
    // Heights x^2 / 2 times 1, 1000 and a millionth: gradients of very different size.
    const Numbers steepness = {1, 1e3, 1e-6};
    State yours({1, 1, 1});
    for (int t = 1; t <= 60; ++t) {
        Numbers g;
        for (std::size_t i = 0; i < 3; ++i) g.push_back(steepness[i] * yours.w[i]);
        yours.step(g, {.lr = 0.02, .eps = 1e-20});
        CAPTURE(t);
        REQUIRE(same(yours.w, Numbers(3, yours.w[0]), {}, 1e-7));
    }
    CHECK(yours.w[0] < 0.2);
}

TEST_CASE("adamw_step: to the bottom of a bowl, in the end by sqrt(beta1) a step") {
    State yours({1});
    for (int t = 1; t <= 400; ++t) {
        yours.step({yours.w[0]}, {.lr = 0.02});
        CAPTURE(t);
        if (t % 100 == 0) CHECK(std::abs(yours.w[0]) < 5 * std::pow(0.9, t / 2.0));
    }
}

TEST_CASE("adamw_step: the library trains a network on it, and gets the same weights") {
    const auto trained = [] {
        Initialiser init(1);
        Net net{Linear(3, 5, init), Linear(5, 1, init)};
        AdamW optimiser(named_parameters(net), {.beta2 = 0.99, .decay = 0.1});
        const Tensor x = Tensor::from({8, 3}, normal_numbers(2, 24));
        const Tensor y = Tensor::from({8, 1}, normal_numbers(3, 8));
        for (int step = 0; step < 30; ++step) {
            optimiser.zero_grad();
            mse_loss(net.out(tanh(net.hidden(x))), y).backward();
            optimiser.step(0.01, step % 2 ? 0.5 : 1);
        }
        Numbers all;
        for (const auto& p : named_parameters(net)) {
            const Numbers values = p.variable.value().to_vector();
            all.insert(all.end(), values.begin(), values.end());
        }
        return all;
    };
    const Numbers yours = trained();
    const ScopedOverride plain(ops().adamw_step, naive::adamw_step);
    CHECK(same(yours, trained(), {}, 1e-8));
}

}  // namespace gradus::lesson_11
