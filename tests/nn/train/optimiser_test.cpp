// SPDX-License-Identifier: MIT
// Optimisers and clipping against closed forms.
#include "nn/train/optimiser.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/memory.h"
#include "tensor/reduce.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

constexpr double kClose = kDouble ? 1e-12 : 1e-6;

double at(const Variable& w, Index i) {
    return static_cast<double>(w.value()[i]);
}

Variable leaf(const Shape& shape, Real value, Real gradient) {
    Variable w = parameter(Tensor::full(shape, value));
    w.grad().fill(gradient);
    return w;
}

// The example in optimiser.h.
struct NormalisedSgd : Optimiser {
    using Optimiser::Optimiser;
    void update(const Update& u) override {
        add_scaled(u.w, u.g, -u.lr / static_cast<Real>(std::sqrt(sum_squares(u.g))));
    }
};

}  // namespace

TEST_CASE("the first step of AdamW moves every number by the learning rate against its gradient") {
    for (const double g : {-100.0, -1.0, -1e-3, 1e-4, 2.0, 1e5}) {
        CAPTURE(g);
        const Variable w = leaf({3}, 1, static_cast<Real>(g));
        AdamW optimiser({{"w", w}});
        optimiser.step(Real(0.01));
        // m / c1 = g and v / c2 = g^2, so the step is lr g / (|g| + eps).
        const double step = 0.01 * g / (std::abs(g) + 1e-8);
        CHECK(at(w, 1) == doctest::Approx(1 - step).epsilon(kClose));
        CHECK(optimiser.steps() == 1);
    }
}

TEST_CASE("AdamW follows its definition over many steps") {
    const AdamWOptions options{
        .beta1 = Real(0.8), .beta2 = Real(0.95), .eps = Real(1e-3), .decay = Real(0.1)};
    const Variable w = parameter(Tensor::full({1, 1}, 2));
    AdamW optimiser({{"w", w}}, options);
    double x = 2, m = 0, v = 0;
    for (int t = 1; t <= 40; ++t) {
        const double g = std::sin(1.7 * t), lr = 0.02 / t;
        w.zero_grad();
        w.grad().fill(static_cast<Real>(g));
        optimiser.step(static_cast<Real>(lr));
        m = 0.8 * m + 0.2 * g;
        v = 0.95 * v + 0.05 * g * g;
        x -= lr * 0.1 * x +
             lr * (m / (1 - std::pow(0.8, t))) / (std::sqrt(v / (1 - std::pow(0.95, t))) + 1e-3);
        CHECK(at(w, 0) == doctest::Approx(x).epsilon(10 * kClose));
    }
}

TEST_CASE("without a gradient's pull a matrix decays as (1 - lr decay)^t and a vector stays") {
    const Variable matrix = leaf({2, 3}, 4, 0), vector = leaf({5}, 4, 0);
    const Variable untouched = parameter(Tensor::full({2, 3}, 4));  // no gradient arrived
    AdamW optimiser({{"matrix", matrix}, {"vector", vector}, {"untouched", untouched}},
                    {.decay = Real(0.5)});
    for (int t = 1; t <= 50; ++t) {
        optimiser.step(Real(0.01));
        CHECK(at(matrix, t % 6) ==
              doctest::Approx(4 * std::pow(1 - 0.01 * 0.5, t)).epsilon(kClose * 10));
        CHECK(vector.value()[t % 5] == 4);
        CHECK(untouched.value()[t % 6] == 4);
    }
}

TEST_CASE("AdamW's state is named after its parameters and starts at zero") {
    const Variable w = leaf({2}, 1, Real(0.5));
    AdamW optimiser({{"layer.weight", w}}, {.beta1 = Real(0.9), .beta2 = Real(0.99)});
    const auto state = optimiser.state();
    REQUIRE(state.size() == 2);
    CHECK(state[0].name == "layer.weight.m");
    CHECK(state[1].name == "layer.weight.v");
    CHECK(at(state[0].variable, 0) == 0);
    optimiser.step(Real(0.1));
    CHECK(at(state[0].variable, 0) == doctest::Approx(0.1 * 0.5).epsilon(1e-5));
    CHECK(at(state[1].variable, 0) == doctest::Approx(0.01 * 0.25).epsilon(1e-5));
}

TEST_CASE("plain gradient descent subtracts lr times the gradient") {
    const Variable w = leaf({2}, 1, 3);
    Sgd optimiser({{"w", w}});
    optimiser.step(Real(0.125));
    CHECK(w.value()[0] == 1 - Real(0.125) * 3);
    optimiser.zero_grad();
    CHECK_FALSE(w.has_grad());
    optimiser.step(Real(0.125));
    CHECK(w.value()[0] == 1 - Real(0.125) * 3);
}

TEST_CASE("momentum adds up a constant gradient as a geometric series") {
    const Variable w = leaf({1}, 1, 2);
    Sgd optimiser({{"w", w}}, Real(0.9));
    double moved = 0;
    for (int t = 1; t <= 30; ++t) {
        optimiser.step(Real(0.001));
        moved += 0.001 * 2 * (1 - std::pow(0.9, t)) / (1 - 0.9);
        CHECK(at(w, 0) == doctest::Approx(1 - moved).epsilon(kClose * 10));
    }
}

TEST_CASE("the gradient norm is over all parameters and treats a missing gradient as zero") {
    const Variable a = leaf({2, 2}, 0, 2), b = leaf({9}, 0, -1), c = parameter(Tensor({7}));
    CHECK(gradient_norm({{"a", a}, {"b", b}, {"c", c}}) == doctest::Approx(5));  // sqrt(16 + 9)
    CHECK(gradient_norm({}) == 0);
}

TEST_CASE("scaling the gradient in the step is the same as scaling it before") {
    Random random(1);
    const Tensor g = Tensor::uniform({33}, -1, 1, random),
                 w0 = Tensor::uniform({33}, -1, 1, random);
    const Variable a = parameter(w0.clone()), b = parameter(w0.clone());
    AdamW left({{"a", a}}), right({{"b", b}});
    for (int t = 0; t < 5; ++t) {
        a.zero_grad(), b.zero_grad();
        a.grad().copy_from(g);
        b.grad().copy_from(g);
        for (Index i = 0; i < 33; ++i) b.grad()[i] *= Real(0.25);
        left.step(Real(0.01), Real(0.25));
        right.step(Real(0.01));
    }
    for (Index i = 0; i < 33; ++i) CHECK(at(a, i) == doctest::Approx(at(b, i)).epsilon(kClose));
}

TEST_CASE("SGD's decay is separate from the gradient, which is scaled before momentum") {
    const Variable w = leaf({1, 1}, 2, 3), vector = leaf({1}, 2, 3);
    Sgd optimiser({{"w", w}, {"vector", vector}}, Real(0.9), Real(0.1));
    double x = 2, y = 2, velocity = 0;
    for (int t = 1; t <= 10; ++t) {
        const double scale = 1.0 / t;
        optimiser.step(Real(0.01), static_cast<Real>(scale));
        velocity = 0.9 * velocity + scale * 3;
        x -= 0.01 * 0.1 * x + 0.01 * velocity;
        y -= 0.01 * velocity;
        CHECK(at(w, 0) == doctest::Approx(x).epsilon(10 * kClose));
        CHECK(at(vector, 0) == doctest::Approx(y).epsilon(10 * kClose));
        CHECK(at(w.grad(), 0) == 3);  // as it was
    }
    CHECK(optimiser.state().size() == 2);
    CHECK(optimiser.state()[0].name == "w.velocity");
    CHECK(Sgd({{"w", w}}).state().empty());
}

TEST_CASE("a new optimiser is one class with one function") {
    const Variable w = leaf({2, 8}, 1, 3), still = parameter(Tensor::full({3}, 1));
    NormalisedSgd optimiser({{"w", w}, {"still", still}});
    UpdateSize size;
    optimiser.step(Real(0.25), 1, &size);
    CHECK(at(w, 5) == doctest::Approx(1 - 0.25 / 4).epsilon(kClose));
    CHECK(std::sqrt(size.change) == doctest::Approx(0.25).epsilon(1e-6));
    CHECK(size.weights == doctest::Approx(16 * std::pow(1 - 0.25 / 4, 2) + 3).epsilon(1e-6));
    CHECK(optimiser.steps() == 1);
}

TEST_CASE(
    "a group has its own learning rate and decay; the first that contains a parameter counts") {
    const auto named = [](const char* name) {
        return [name](const NamedParameter& p) { return p.name == name; };
    };
    const auto any = [](const NamedParameter&) { return true; };
    const Variable a = leaf({2, 2}, 4, 1), b = leaf({4}, 4, 1), c = leaf({2, 2}, 4, 1),
                   d = leaf({4}, 4, 1);
    const std::vector<NamedParameter> all = {{"a", a}, {"b", b}, {"c", c}, {"d", d}};
    Sgd optimiser(all, 0, Real(0.5),
                  {{.contains = named("a"), .lr_factor = Real(0.5)},
                   {.contains = named("b"), .decay = Real(0.25)},
                   {.contains = named("c"), .lr_factor = 0, .decay = Real(2)},
                   {.contains = named("a"), .lr_factor = 100}});
    optimiser.step(Real(0.1));
    CHECK(at(a, 0) == doctest::Approx(4 - 0.05 * (1 + 0.5 * 4)).epsilon(kClose));
    CHECK(at(b, 0) == doctest::Approx(4 - 0.1 * (1 + 0.25 * 4)).epsilon(kClose));
    CHECK(c.value()[0] == 4);
    CHECK(at(d, 0) == doctest::Approx(4 - 0.1).epsilon(kClose));  // a vector: no decay

    const auto message = [&](const ParameterGroup& group) {
        try {
            Sgd(all, 0, 0, {group});
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message({.contains = any, .lr_factor = -1}) ==
          "optimiser: learning-rate factor -1 of a, must be 0 or above");
    CHECK(message({.contains = named("c"), .decay = Real(-0.5)}) ==
          "optimiser: weight decay -0.5 of c, must be 0 or above");
    CHECK(message({.contains = any}).empty());
    CHECK(message({.contains = {}}) == "optimiser: a parameter group without `contains`");
}

TEST_CASE("AdamW in groups moves each by its own learning rate") {
    const Variable a = leaf({3}, 1, 2), b = leaf({3}, 1, 2);
    AdamW optimiser({{"layer.0.w", a}, {"layer.1.w", b}}, {},
                    {{.contains = [](const auto& p) { return p.name.starts_with("layer.0."); },
                      .lr_factor = Real(0.125)}});
    optimiser.step(Real(0.01));
    CHECK(1 - at(a, 0) == doctest::Approx(0.01 / 8).epsilon(kDouble ? 1e-8 : 1e-4));
    CHECK(1 - at(b, 0) == doctest::Approx(0.01).epsilon(kDouble ? 1e-8 : 1e-4));
}

TEST_CASE("a frozen parameter has no state, takes no memory, and never moves") {
    const GptConfig config{.layers = 2, .heads = 2, .width = 16, .context = 8, .vocabulary = 16};
    Gpt model(config, 1);
    const auto all = named_parameters(model);
    const auto bytes = [&] {
        const std::size_t before = memory_stats().live_bytes;
        const AdamW optimiser(all, {});
        return memory_stats().live_bytes - before;
    };
    const std::size_t trained = bytes();
    CHECK(trained >= 2 * sizeof(Real) * static_cast<std::size_t>(parameter_count(model)));
    freeze(model.blocks[0]);
    const std::size_t less = bytes();
    CHECK(trained - less >=
          2 * sizeof(Real) * static_cast<std::size_t>(parameter_count(model.blocks[0])));
    AdamW partly(all, {});
    for (const auto& s : partly.state()) CHECK_FALSE(s.name.starts_with("block.0."));
    CHECK(partly.parameters().size() == all.size());
    freeze(model);
    CHECK(bytes() == 0);
    unfreeze(model);
    CHECK(bytes() == trained);

    // Frozen later: it stays where it is, and does not count in the size of the step.
    const Variable one = leaf({2}, 1, 3), two = leaf({2}, 1, 3);
    Sgd later({{"one", one}, {"two", two}});
    freeze({{"one", one}});
    CHECK_FALSE(one.has_grad());
    UpdateSize size;
    later.step(Real(0.5), 1, &size);
    CHECK(one.value()[0] == 1);
    CHECK(two.value()[0] == Real(-0.5));
    CHECK(size.weights == doctest::Approx(2 * 0.25));
    CHECK(size.change == doctest::Approx(2 * 2.25));

    // Thawed too late: the optimiser has no state for it.
    all[0].variable.grad();
    partly.step(Real(0.1));
    const auto in_block = named_parameters(model.blocks[0]);
    const Tensor before = in_block[0].variable.value().clone();
    in_block[0].variable.grad();
    CHECK_THROWS_WITH_AS(partly.step(Real(0.1)),
                         "optimiser: block.0.norm1.weight was frozen when the optimiser was made, "
                         "and has no state: make a new one",
                         std::invalid_argument);
    CHECK(same_bits(in_block[0].variable.value(), before));
}
