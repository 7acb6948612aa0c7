// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <array>
#include <cmath>

#include "autograd/layer_norm.h"
#include "autograd/matmul.h"
#include "autograd/reduce.h"
#include "lessons/10-modules/yours.h"
#include "nn/data/moons.h"
#include "nn/loss.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_19 {
namespace {

constexpr Index kDepth = 32;  // sublayers
constexpr Index kWidth = 64, kTokens = 64;

enum class Wiring { plain, residual, residual_and_norm, mean_forgotten };
constexpr std::array kWirings = {Wiring::plain, Wiring::residual, Wiring::residual_and_norm};

const char* name_of(Wiring wiring) {
    if (wiring == Wiring::plain) return "plain";
    if (wiring == Wiring::residual) return "residual";
    return wiring == Wiring::residual_and_norm ? "residual, norm" : "mean forgotten";
}

// Your layer_norm with a gain of ones and a bias of zeros.
Variable norm(const Variable& x) {
    const Shape C{x.size(-1)};
    return layer_norm(x, Tensor::full(C, 1), Tensor(C));
}

// The same numbers, with a wrong gradient: what came through the mean is put back, by way of a term
// that is 0.
Variable norm_without_mean(const Variable& x) {
    const Index C = x.size(-1);
    const LayerNormForward f = layer_norm_forward(x.value(), Tensor::full({C}, 1), Tensor({C}));
    const Variable mean = matmul(x, Tensor::full({C, C}, 1 / static_cast<Real>(C)));
    return norm(x) + (mean - Variable(mean.value())) * Variable(f.rstd.reshape({x.size(0), 1}));
}

// A layer of yours (lesson 10) and gelu; before them, if so wired, the norm.
Sublayer sublayer_of(const Layer& layer, Wiring wiring) {
    if (wiring == Wiring::mean_forgotten)
        return [layer](const Variable& x) { return gelu(layer(norm_without_mean(x))); };
    if (wiring == Wiring::residual_and_norm)
        return [layer](const Variable& x) { return gelu(layer(norm(x))); };
    return [layer](const Variable& x) { return gelu(layer(x)); };
}

Variable through(const std::vector<Sublayer>& sublayers, Wiring wiring, Variable x) {
    if (wiring != Wiring::plain) return part().residual(sublayers, x);
    for (const auto& sublayer : sublayers) x = sublayer(x);
    return x;
}

// The root of the mean square.
double size_of(const Tensor& x) {
    double sum = 0;
    for (const Real number : x.to_vector()) sum += static_cast<double>(number * number);
    return std::sqrt(sum / static_cast<double>(x.count()));
}

struct Sizes {
    std::vector<double> signal, gradient;  // before each sublayer, and after the last
};

Sizes sizes_of(Wiring wiring) {
    Initialiser init(3);
    std::vector<Variable> read;
    std::vector<Sublayer> sublayers;
    for (Index i = 0; i < kDepth; ++i) {
        const Sublayer sublayer = sublayer_of(Layer(kWidth, kWidth, init), wiring);
        sublayers.push_back([sublayer, &read](const Variable& x) {
            read.push_back(x);
            return sublayer(x);
        });
    }
    read.push_back(through(sublayers, wiring, parameter(Tensor::normal({kTokens, kWidth}, 1, 4))));
    sum(read.back() * Variable(Tensor::normal({kTokens, kWidth}, 1, 5))).backward(RetainGraph::yes);
    Sizes sizes;
    for (const auto& x : read) {
        sizes.signal.push_back(size_of(x.value()));
        sizes.gradient.push_back(size_of(x.grad()));
    }
    return sizes;
}

void depth(Stage& stage) {
    LineChart signal, gradient;
    signal.caption = {"The size of the signal, by depth",
                      "plain, it halves each time. Residual, it grows by two fifths each time, as "
                      "money does with interest. With the norm it grows slowly, from 1 to 10.",
                      "the line of residual falls as that of plain: nothing is added. It stays "
                      "near 1: the first x is added each time."};
    gradient.caption = {"The size of the gradient, by depth",
                        "read from right to left, as the gradient runs. Plain, next to nothing "
                        "reaches the beginning; residual, it grows; with the norm it stays "
                        "between 1 and 5.",
                        "the line of the norm falls to nothing: dx is written over, or the path "
                        "around the sublayers is cut. It rises a hundredfold or more: rstd is "
                        "missing in dx, or a division by cols."};
    signal.x = gradient.x = {"sublayers passed"};
    signal.y = {"size", true}, gradient.y = {"size", true};
    stage.say(fmt::format(
        "{} sublayers, each a layer of yours, {} wide, and gelu. Numbers of size 1 go in, and a "
        "gradient of size 1 goes back. What comes out at the other end:",
        kDepth, kWidth));
    stage.print("                 signal  gradient");
    for (const auto wiring : kWirings) {
        const Sizes sizes = sizes_of(wiring);
        stage.print(fmt::format("{:<15} {:7.2g}  {:8.2g}", name_of(wiring), sizes.signal.back(),
                                sizes.gradient.front()));
        Line line{name_of(wiring), {}, sizes.signal};
        for (std::size_t i = 0; i < sizes.signal.size(); ++i)
            line.x.push_back(static_cast<double>(i));
        signal.lines.push_back(line);
        line.y = sizes.gradient;
        gradient.lines.push_back(line);
    }
    stage.print("");
    stage.show("signal", signal);
    stage.show("gradient", gradient);
}

constexpr Index kPoints = 60, kNarrow = 16, kSteps = 100;

// 2 -> 16, the sublayers, 16 -> 1; the norm once more in front of the last, if so wired.
struct DeepNet {
    Layer in, out;
    std::vector<Layer> layers;
    std::vector<Sublayer> sublayers;
    Wiring wiring;

    DeepNet(Wiring how, Initialiser init)
        : in(2, kNarrow, init), out(kNarrow, 1, init), wiring(how) {
        for (Index i = 0; i < kDepth; ++i) {
            layers.emplace_back(kNarrow, kNarrow, init);
            sublayers.push_back(sublayer_of(layers.back(), wiring));
        }
    }
    Variable operator()(const Variable& x) const {
        const Variable y = through(sublayers, wiring, in(x));
        return out(wiring == Wiring::plain || wiring == Wiring::residual ? y : norm(y));
    }
    void parameters(auto&& visit) { visit("in", in), visit("out", out), visit("layers", layers); }
};

// Teaches a net the moons; returns its loss, step by step, and prints the last.
Line teach(Stage& stage, Wiring wiring) {
    const LabelledPoints moons = two_moons(1, kPoints);
    DeepNet net(wiring, Initialiser(1));
    AdamW optimiser(named_parameters(net));
    Line losses{name_of(wiring), {}, {}};
    for (Index step = 0; step < kSteps; ++step) {
        optimiser.zero_grad();
        const Variable loss = binary_cross_entropy(net(moons.x), moons.y);
        losses.x.push_back(static_cast<double>(step));
        losses.y.push_back(static_cast<double>(loss.item()));
        loss.backward();
        optimiser.step(Real(0.01));
    }
    const NoGrad no_graph;
    const Variable scores = net(moons.x);
    Index right = 0;
    for (Index i = 0; i < kPoints; ++i) right += (scores.value()[i] > 0) == (moons.y[i] > 0);
    stage.print(fmt::format("{:<15} {:7.2f}  {:3}/{}", name_of(wiring),
                            binary_cross_entropy(scores, moons.y).item(), right, kPoints));
    return losses;
}

void training(Stage& stage) {
    stage.say(fmt::format("The same {} sublayers, {} wide, learn the two moons for {} steps:",
                          kDepth, kNarrow, kSteps));
    stage.print("                  loss    right");
    LineChart losses;
    losses.caption = {
        "The loss while the sublayers learn",
        "plain stays at ln 2, which is what guessing costs. Residual jumps about, far "
        "above it. With the norm it falls to a fiftieth.",
        "the line of the norm ends above 0.1: something in y or in dx is wrong."};
    losses.x = {"step"}, losses.y = {"loss, nats per point", true};
    losses.levels = {{"guessing, ln 2", std::log(2.0)}};
    for (const auto wiring : kWirings) losses.lines.push_back(teach(stage, wiring));
    stage.print("");
    stage.show("loss", losses);
    stage.say(
        "The last once more, with a gradient that is wrong: the way through the mean is missing.");
    teach(stage, Wiring::mean_forgotten);
}

const Demo demo([](Stage& stage) {
    depth(stage);
    training(stage);
});

void print_row(const char* name, const std::vector<Real>& row) {
    fmt::print("{}:", name);
    for (const Real number : row) fmt::print(" {:.10g}", number);
    fmt::print("\n");
}

// One row of four numbers, forwards and backwards, with each step of the text.
void worked(const std::vector<Real>& dy) {
    const std::vector<Real> x = {11, 9, 17, 3}, gain = {5, 2, 1, 3}, bias = {0, 1, 2, -1},
                            ones(4, 1), none(4);
    std::vector<Real> z(4), y(4), mean(1), rstd(1), dx(4), dgain(4), dbias(4), d(4), dz(4);
    part().layer_norm_forward(z.data(), mean.data(), rstd.data(), x.data(), ones.data(),
                              none.data(), 0, 1, 4);
    part().layer_norm_forward(y.data(), mean.data(), rstd.data(), x.data(), gain.data(),
                              bias.data(), 0, 1, 4);
    part().layer_norm_backward(dx.data(), dgain.data(), dbias.data(), dy.data(), x.data(),
                               mean.data(), rstd.data(), gain.data(), 1, 4);
    Real d_mean = 0, dz_mean = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        d[i] = dy[i] * gain[i], dz[i] = d[i] * z[i];
        d_mean += d[i] / 4, dz_mean += dz[i] / 4;
    }
    print_row("mean, rstd", {mean[0], rstd[0]});
    print_row("z", z), print_row("y", y), print_row("d", d), print_row("d z", dz);
    print_row("mean of d, of d z", {d_mean, dz_mean});
    std::vector<Real> centred(4), second(4);
    for (std::size_t i = 0; i < 4; ++i) centred[i] = d[i] - d_mean, second[i] = z[i] * dz_mean;
    print_row("d - mean of d", centred), print_row("z times the mean of d z", second);
    print_row("dx", dx), print_row("dgain", dgain), print_row("dbias", dbias);
}

// The size of the signal after so many sublayers, with or without the sum around each.
double size_after(Index depth, Wiring wiring, bool added) {
    const NoGrad no_graph;
    Initialiser init(3);
    Variable x = Tensor::normal({kTokens, kWidth}, 1, 4);
    for (Index i = 0; i < depth; ++i) {
        const Variable y = sublayer_of(Layer(kWidth, kWidth, init), wiring)(x);
        x = added ? x + y : y;
    }
    return size_of(x.value());
}

const WorkedNumbers numbers([] {
    worked({1, 0, 0, 0});
    worked({1, 2, 4, 0});
    const std::vector<Sublayer> sublayers = {[](const Variable& x) { return x * Real(2); },
                                             [](const Variable& x) { return x * x; }};
    const Variable x = parameter(Tensor::from({2}, {1, -2})), y = part().residual(sublayers, x);
    sum(y).backward();
    print_row("residual", y.value().to_vector()), print_row("its gradient", x.grad().to_vector());
    fmt::print("without the sum: signal {:.2g}; residual with 128: signal {:.1e}\n",
               size_after(kDepth, Wiring::residual_and_norm, false),
               size_after(128, Wiring::residual, true));
    fmt::print("slopes of 0.5: {:.1e}, of 1.5: {:.0f}\n", std::pow(0.5, 32), std::pow(1.5, 32));
});

}  // namespace
}  // namespace gradus::lesson_19
