// SPDX-License-Identifier: MIT
// Muon against closed forms: matrices whose singular vectors are known.
#include "nn/train/muon.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

constexpr double kClose = kDouble ? 1e-12 : 2e-5;

// What three iterations make of a singular value, in double.
double three_iterations(double s) {
    for (const auto& [a, b, c] : {std::array<double, 3>{8.093369, -23.620430, 17.446152},
                                  {3.636586, -2.721927, 0.536546},
                                  {2.661300, -1.977155, 0.452616}})
        s = a * s + b * s * s * s + c * std::pow(s, 5);
    return s;
}

// I - 2 u u^T with |u| = 1: orthogonal, and its own transpose.
Tensor reflection(Index n, std::uint64_t seed) {
    const Tensor u = uniform({n, 1}, seed);
    const Tensor h = static_cast<Real>(-2 / sum_squares(u)) * matmul_forward(u, u, Transpose::yes);
    for (Index i = 0; i < n; ++i) h[i * n + i] += 1;
    return h;
}

Tensor diagonal(Index rows, Index cols, const std::vector<double>& values) {
    const Tensor d({rows, cols});
    for (std::size_t i = 0; i < values.size(); ++i)
        d[static_cast<Index>(i) * (cols + 1)] = static_cast<Real>(values[i]);
    return d;
}

double norm(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v * v;
    return std::sqrt(sum);
}

}  // namespace

TEST_CASE(
    "Newton-Schulz keeps singular vectors and brings singular values to between 0.73 and 1.27") {
    const std::vector<double> s = {30, 7, 4, 1, 0.5, 0.4};
    for (const Shape& shape : {Shape{6, 6}, Shape{6, 11}, Shape{13, 6}}) {
        const Index rows = shape[0], cols = shape[1];
        CAPTURE(rows);
        CAPTURE(cols);
        const Tensor u = reflection(rows, 1), v = reflection(cols, 2);  // v = v^T
        const auto with = [&](const std::vector<double>& values) {
            return matmul_forward(matmul_forward(u, diagonal(rows, cols, values)), v);
        };
        std::vector<double> expected;
        for (const double value : s) expected.push_back(three_iterations(value / norm(s)));
        for (const double value : expected) {
            CHECK(value > 0.73);
            CHECK(value < 1.27);
        }
        const Tensor x = newton_schulz(with(s));
        CHECK(largest_difference(x, with(expected)) < kClose);
        // U V^T itself differs by at most 0.27 in any direction, and in some by 0.1 at least.
        const Tensor off = sub(x, with(std::vector<double>(6, 1)));
        CHECK(std::sqrt(sum_squares(off)) < 0.27 * std::sqrt(6));
        CHECK(std::sqrt(sum_squares(off)) > 0.1);
    }
}

TEST_CASE("every singular value from 0.01 of the norm up ends between 0.73 and 1.27; zero stays") {
    const auto ends = [](double s) {  // the other singular value makes the norm 1
        return static_cast<double>(newton_schulz(diagonal(2, 2, {s, std::sqrt(1 - s * s)}))[0]);
    };
    for (int i = 0; i <= 1000; ++i) {
        const double s = ends(0.01 + 0.99 * i / 1000);
        CHECK((s > 0.73 && s < 1.27));
    }
    CHECK(ends(0.001) < 0.5);  // why the promise needs a lower bound
    CHECK(same_bits(newton_schulz(Tensor({3, 4})), Tensor({3, 4})));
    // Its scale does not matter.
    const Tensor g = uniform({5, 9}, 3);
    CHECK(largest_difference(newton_schulz(g), newton_schulz(Real(1e-15) * g)) < kClose);
    CHECK_THROWS_WITH_AS(newton_schulz(Tensor({3})), "newton_schulz: needs a matrix, got (3,)",
                         std::invalid_argument);
}

TEST_CASE("three steps of Muon on diagonal gradients: Nesterov momentum, orthogonalised, scaled") {
    const double lr = 0.02, decay = 0.5, mu = 0.75;
    const Variable w = parameter(Tensor::full({3, 5}, 2));
    Muon optimiser({{"block.0.w", w}}, {.momentum = Real(mu), .adamw = {.decay = Real(decay)}});
    std::vector<double> x(3, 2.0), velocity(3, 0.0);
    double off_diagonal = 2;
    for (int t = 1; t <= 3; ++t) {
        const std::vector<double> g = {1.0 * t, 2.0 - t, -0.3};
        const double scale = 1.0 / t;
        w.zero_grad();
        w.grad().copy_from(diagonal(3, 5, g));
        optimiser.step(static_cast<Real>(lr), static_cast<Real>(scale));
        std::vector<double> direction(3);
        for (std::size_t i = 0; i < 3; ++i) {
            velocity[i] = mu * velocity[i] + scale * g[i];
            direction[i] = scale * g[i] + mu * velocity[i];
        }
        const double length = norm(direction);
        for (std::size_t i = 0; i < 3; ++i) {
            x[i] -= lr * decay * x[i];
            x[i] -= lr * 0.2 * std::sqrt(5.0) * three_iterations(direction[i] / length);
            CHECK(static_cast<double>(w.value()[static_cast<Index>(i) * 6]) ==
                  doctest::Approx(x[i]).epsilon(kClose));
            CHECK(static_cast<double>(
                      optimiser.state()[0].variable.value()[static_cast<Index>(i) * 6]) ==
                  doctest::Approx(velocity[i]).epsilon(kClose));
        }
        off_diagonal -= lr * decay * off_diagonal;
        CHECK(static_cast<double>(w.value()[1]) == doctest::Approx(off_diagonal).epsilon(kClose));
    }
}

TEST_CASE("Muon takes the matrices inside blocks; AdamW, to the bit, takes everything else") {
    const GptConfig config{.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 5};
    Gpt a(config, 1), b(config, 1);
    const AdamWOptions options{.beta2 = Real(0.99), .decay = Real(0.1)};
    Muon muon(named_parameters(a), {.adamw = options});
    AdamW adamw(named_parameters(b), options);
    for (int t = 0; t < 3; ++t) {
        std::uint64_t seed = 10;
        for (Gpt* model : {&a, &b}) {
            for (const auto& p : named_parameters(*model)) {
                p.variable.zero_grad();
                p.variable.grad().copy_from(
                    uniform(p.variable.shape(), seed + static_cast<std::uint64_t>(t)));
            }
        }
        muon.step(Real(0.01)), adamw.step(Real(0.01));
    }
    int matrices = 0;
    const auto left = named_parameters(a), right = named_parameters(b);
    for (std::size_t i = 0; i < left.size(); ++i) {
        CAPTURE(left[i].name);
        CHECK(same_bits(left[i].variable.value(), right[i].variable.value()) !=
              is_hidden_matrix(left[i]));
        matrices += is_hidden_matrix(left[i]);
    }
    CHECK(matrices == 4);  // qkv, projection, up, down
    CHECK(muon.state().size() == 4 + 2 * (left.size() - 4));
    CHECK_FALSE(is_hidden_matrix({"token.weight", parameter(Tensor({5, 8}))}));
    CHECK_FALSE(is_hidden_matrix({"block.0.mlp.up.bias", parameter(Tensor({8}))}));
}

TEST_CASE("Muon refuses a model without hidden matrices, and a hidden vector") {
    const std::vector<NamedParameter> plain = {{"first.weight", parameter(Tensor({2, 3}))},
                                               {"first.bias", parameter(Tensor({3}))}};
    CHECK_THROWS_WITH_AS(
        Muon{plain},
        "muon: none of 2 parameters is a hidden matrix (rank 2, \"block.\" in its name)",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(Muon(plain, {.hidden = [](const auto&) { return true; }}),
                         "muon: first.bias (3,) is not a matrix", std::invalid_argument);
    const Muon chosen(plain, {.hidden = [](const auto& p) { return p.name == "first.weight"; }});
    CHECK(chosen.state().size() == 3);
}
