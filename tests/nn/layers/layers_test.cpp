// SPDX-License-Identifier: MIT
// Layers that are composed of operations, against loops written out here; what they learn.
#include <doctest/doctest.h>

#include <cmath>

#include "autograd/all.h"
#include "nn/layers/convolution.h"
#include "nn/layers/gru.h"
#include "nn/layers/layer_norm.h"
#include "nn/layers/lstm.h"
#include "nn/layers/rms_norm.h"
#include "nn/layers/swiglu.h"
#include "nn/loss.h"
#include "nn/train/optimiser.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

// x weight + bias for row x of length `in`.
std::vector<double> row_times(const std::vector<double>& x, const Linear& layer) {
    std::vector<double> y(static_cast<std::size_t>(layer.weight.size(1)));
    for (std::size_t o = 0; o < y.size(); ++o) {
        const auto out = static_cast<Index>(o);
        if (layer.bias.defined()) y[o] = static_cast<double>(layer.bias.value()[out]);
        for (std::size_t i = 0; i < x.size(); ++i)
            y[o] += x[i] * static_cast<double>(layer.weight.value().at(static_cast<Index>(i), out));
    }
    return y;
}

std::vector<double> row_of(const Tensor& x, Index b, Index t) {
    std::vector<double> row;
    for (Index i = 0; i < x.size(2); ++i) row.push_back(static_cast<double>(x.at(b, t, i)));
    return row;
}

constexpr double kTolerance = kDouble ? 1e-12 : 1e-5;

// Every parameter of a layer receives a gradient.
template <class Layer>
void check_all_learn(Layer& layer, const Variable& y) {
    sum(square(y)).backward();
    for (const auto& p : named_parameters(layer)) {
        CAPTURE(p.name);
        REQUIRE(p.variable.has_grad());
        double size = 0;
        for (Index i = 0; i < p.variable.value().count(); ++i)
            size += std::abs(static_cast<double>(p.variable.grad()[i]));
        CHECK(size > 0);
    }
}

template <class Cell>
struct CellAndOut {
    Cell cell;
    Linear out;
    void parameters(auto&& visit) {
        visit("cell", cell);
        visit("out", out);
    }
};

// Whether the first symbol of a sequence can be told from its last output, after 300 steps.
template <class Cell>
double remembered() {
    Initialiser init(1);
    CellAndOut<Cell> net{Cell(2, 12, init), Linear(12, 2, init)};
    AdamW optimiser(named_parameters(net));
    double right = 0;
    for (Index step = 0; step < 301; ++step) {
        Random random(3, Stream::data, static_cast<std::uint32_t>(step));
        const Index B = 32, T = 15;
        Tensor x({B, T, 2});
        std::vector<int> first;
        for (Index b = 0; b < B; ++b)
            for (Index t = 0; t < T; ++t) {
                const auto symbol = static_cast<Index>(random.below(2));
                x.at(b, t, symbol) = 1;
                if (t == 0) first.push_back(static_cast<int>(symbol));
            }
        const Variable all = net.cell(x);
        const Variable logits = net.out(reshape(slice(all, 1, T - 1, T), {B, 12}));
        optimiser.zero_grad();
        cross_entropy(logits, Tokens({B}, first)).backward();
        optimiser.step(Real(0.02));
        right = 0;
        for (Index b = 0; b < B; ++b)
            right += argmax(logits.value().data() + 2 * b, 2) == first[static_cast<std::size_t>(b)];
        right /= static_cast<double>(B);
    }
    return right;
}

}  // namespace

TEST_CASE("an LSTM follows its equations, step by step") {
    Initialiser init(1);
    Lstm lstm(3, 4, init);
    const Tensor x = uniform({2, 5, 3}, 1);
    LstmState end;
    const Variable y = lstm(x, &end);
    for (Index b = 0; b < 2; ++b) {
        std::vector<double> h(4), c(4);
        for (Index t = 0; t < 5; ++t) {
            std::vector<double> gates = row_times(row_of(x, b, t), lstm.input);
            const std::vector<double> more = row_times(h, lstm.hidden);
            for (std::size_t j = 0; j < gates.size(); ++j) gates[j] += more[j];
            for (std::size_t j = 0; j < 4; ++j) {
                c[j] = logistic(gates[4 + j]) * c[j] + logistic(gates[j]) * std::tanh(gates[8 + j]);
                h[j] = logistic(gates[12 + j]) * std::tanh(c[j]);
                CHECK(std::abs(static_cast<double>(y.value().at(b, t, static_cast<Index>(j))) -
                               h[j]) < kTolerance);
            }
        }
        for (std::size_t j = 0; j < 4; ++j) {
            CHECK(end.c.value().at(b, static_cast<Index>(j)) == doctest::Approx(c[j]));
            CHECK(end.h.value().at(b, static_cast<Index>(j)) == doctest::Approx(h[j]));
        }
    }
    CHECK(lstm.input.bias.value()[4] == 1);  // the forget gate
    CHECK(lstm.input.bias.value()[3] == 0);
    check_all_learn(lstm, y);
}

TEST_CASE("a GRU follows its equations, step by step") {
    Initialiser init(2);
    Gru gru(3, 4, init);
    const Tensor x = uniform({2, 5, 3}, 2);
    Variable end;
    const Variable y = gru(x, &end);
    for (Index b = 0; b < 2; ++b) {
        std::vector<double> h(4);
        for (Index t = 0; t < 5; ++t) {
            const auto from_x = row_times(row_of(x, b, t), gru.input),
                       from_h = row_times(h, gru.hidden);
            for (std::size_t j = 0; j < 4; ++j) {
                const double r = logistic(from_x[j] + from_h[j]);
                const double z = logistic(from_x[4 + j] + from_h[4 + j]);
                h[j] = (1 - z) * std::tanh(from_x[8 + j] + r * from_h[8 + j]) + z * h[j];
                CHECK(std::abs(static_cast<double>(y.value().at(b, t, static_cast<Index>(j))) -
                               h[j]) < kTolerance);
            }
        }
        for (std::size_t j = 0; j < 4; ++j)
            CHECK(end.value().at(b, static_cast<Index>(j)) == doctest::Approx(h[j]));
    }
    check_all_learn(gru, y);
}

TEST_CASE("a sequence read in two pieces is the sequence read at once") {
    Initialiser init(3);
    const Lstm lstm(3, 4, init);
    const Gru gru(3, 4, init);
    const Variable x = uniform({2, 7, 3}, 3);
    LstmState state;
    const Variable a = lstm(slice(x, 1, 0, 4), &state), b = lstm(slice(x, 1, 4, 7), &state);
    CHECK(same_bits(concat({a, b}, 1).value(), lstm(x).value()));
    Variable h;
    const Variable c = gru(slice(x, 1, 0, 4), &h), d = gru(slice(x, 1, 4, 7), &h);
    CHECK(same_bits(concat({c, d}, 1).value(), gru(x).value()));
}

TEST_CASE("LSTM and GRU remember the first symbol of fifteen" * kFullSpeedOnly) {
    CHECK(remembered<Lstm>() > 0.95);
    CHECK(remembered<Gru>() > 0.95);
}

TEST_CASE("a convolution is the sum over its window, with padding, stride and dilation") {
    Initialiser init(4);
    for (const WindowOptions& w :
         {WindowOptions{3, 3, 1, 1, 1, 1}, {2, 3, 2, 1, 0, 1}, {3, 2, 1, 2, 2, 0}}) {
        Conv2d conv(2, 3, w, init);
        conv.bias.value()[1] = Real(0.5);
        const Tensor x = uniform({2, 6, 7, 2}, 4);
        const Tensor y = conv(x).value();
        for (Index b = 0; b < 2; ++b)
            for (Index i = 0; i < y.size(1); ++i)
                for (Index j = 0; j < y.size(2); ++j)
                    for (Index o = 0; o < 3; ++o) {
                        auto sum = static_cast<double>(conv.bias.value()[o]);
                        for (Index r = 0; r < w.rows; ++r)
                            for (Index s = 0; s < w.columns; ++s)
                                for (Index c = 0; c < 2; ++c) {
                                    const Index row = i * w.stride + r * w.dilation - w.pad_rows,
                                                col = j * w.stride + s * w.dilation - w.pad_columns;
                                    if (row < 0 || row >= 6 || col < 0 || col >= 7) continue;
                                    sum += static_cast<double>(x.at(b, row, col, c)) *
                                           static_cast<double>(conv.weight.value().at(
                                               (r * w.columns + s) * 2 + c, o));
                                }
                        CHECK(std::abs(static_cast<double>(y.at(b, i, j, o)) - sum) < kTolerance);
                    }
        check_all_learn(conv, conv(x));
    }
}

TEST_CASE("a causal convolution of a sequence does not see the future, a centred one does") {
    Initialiser init(5);
    const Conv1d causal(2, 3, 4, init, true), dilated(2, 3, 3, init, true, 1, 2),
        centred(2, 3, 5, init);
    const Tensor x = uniform({1, 9, 2}, 5);
    for (const Conv1d* conv : {&causal, &dilated, &centred}) {
        const Tensor before = (*conv)(x).value().clone();
        CHECK(before.shape() == Shape{1, 9, 3});
        const Tensor changed = x.clone();
        changed.at(0, 5, 1) += 1;
        const Tensor after = (*conv)(changed).value();
        bool earlier = false, later = false;
        for (Index t = 0; t < 9; ++t)
            for (Index o = 0; o < 3; ++o)
                (t < 5 ? earlier : later) |= before.at(0, t, o) != after.at(0, t, o);
        CHECK(earlier == (conv == &centred));
        CHECK(later);
    }
    CHECK(Conv1d(2, 3, 3, init, true, 2)(x).shape() == Shape{1, 5, 3});
    CHECK_THROWS_WITH_AS(Conv1d(2, 3, 4, init),
                         "conv1d: window of 4, must be odd unless it is causal",
                         std::invalid_argument);
}

TEST_CASE("SwiGLU and the norms are their formulas, and norms take their eps") {
    Initialiser init(6);
    SwiGlu mlp(3, 5, init);
    const Variable x = uniform({2, 3}, 6);
    const Tensor y = mlp(x).value();
    const Tensor byhand =
        matmul(silu(matmul(x, mlp.gate.weight)) * matmul(x, mlp.up.weight), mlp.down.weight)
            .value();
    CHECK(same_bits(y, byhand));
    check_all_learn(mlp, mlp(x));
    CHECK(parameter_count(mlp) == 45);

    const Variable row = Tensor::from({1, 2}, {3, 4});
    CHECK(RmsNorm(2, Real(12.5))(row).value()[0] == doctest::Approx(0.6));
    CHECK(LayerNorm(2, Bias::yes, Real(0.75))(row).value()[1] == doctest::Approx(0.5));
}
