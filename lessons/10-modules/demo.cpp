// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"
#include "lessons/10-modules/deviation.h"

namespace gradus::lesson_10 {
namespace {

constexpr Index kWidth = 256, kRows = 64;
constexpr int kLayers = 10;

struct First {
    std::string name;
    Real times;  // the standard deviation 1/sqrt(in), times this
};
const std::vector<First> kFirst = {{"1/in", 1.0 / 16}, {"1/sqrt(in)", 1}, {"1", 16}};

// What comes out of each of ten of your layers, one after the other, with their first weights made
// larger or smaller; the first tensor is what goes in.
std::vector<Tensor> through_layers(Real times, bool with_tanh) {
    const NoGrad no_grad;
    Initialiser init(3);
    std::vector<Tensor> all = {Tensor::normal({kRows, kWidth}, 1, 4, Stream::user)};
    for (int layer = 0; layer < kLayers; ++layer) {
        const AnyLinear linear = part().make_linear(kWidth, kWidth, init);
        const Tensor& w = linear.weight.value();
        for (Index i = 0; i < w.count(); ++i) w[i] *= times;
        const Variable y = linear.forward(all.back());
        all.push_back(with_tanh ? tanh(y).value() : y.value());
    }
    return all;
}

void names(const Stage& stage) {
    stage.say(
        "Your Net with 2 inputs, 16 hidden units and 1 output, as its parameters() tells it:");
    Initialiser init(1);
    Index total = 0;
    for (const auto& p : part().make_net(2, 16, 1, init).parameters()) {
        const Index count = p.variable.value().count();
        stage.print(fmt::format("{:<14} {:<8} {:3}", p.name, to_string(p.variable.shape()), count));
        total += count;
    }
    stage.print(fmt::format("{:<14} {:<8} {:3}", "together", "", total));
    stage.print("");
}

void depth(const Stage& stage) {
    stage.say(
        "Ten of your layers, 256 wide, one after the other. Numbers of standard deviation 1 go in. "
        "The standard deviation of what comes out of layers 1, 2, 3 and 10, by that of the first "
        "weights:");
    LineChart chart;
    chart.caption = {
        "Standard deviation of what comes out of each layer",
        "one line stays level at 1; the others rise or fall by a factor of 16 per layer.",
        "the line of 1/sqrt(in) leans: first_deviation is off by a factor."};
    chart.x.name = "layer";
    chart.y = {"standard deviation", true};
    for (const auto& first : kFirst) {
        Line line{first.name, {}, {}};
        for (const auto& x : through_layers(first.times, false)) {
            line.x.push_back(static_cast<double>(line.x.size()));
            line.y.push_back(deviation(x));
        }
        stage.print(fmt::format("{:<10} {:7.2g}{:8.2g}{:8.2g}{:6.0e}", first.name, line.y[1],
                                line.y[2], line.y[3], line.y[10]));
        chart.lines.push_back(line);
    }
    stage.print("");
    stage.show("depth", chart);
}

void histograms(const Stage& stage) {
    stage.say(
        "The same with tanh after every layer, as in a real network. Each row shows which numbers "
        "come out of a layer, from -1 to 1, and how often:");
    const std::vector<std::string> titles = {"First weights 1/in: too small",
                                             "First weights 1/sqrt(in): yours",
                                             "First weights 1: too large"};
    const std::vector<std::string> look_for = {
        "everything gathers at 0. Whatever goes in, the last layer says 0.",
        "hills that stay broad. They grow a little narrower, because tanh shrinks what goes "
        "through it.",
        "all at the two ends, where tanh is flat: its slope is nearly 0 there, and so is what "
        "a gradient keeps on its way back."};
    for (std::size_t i = 0; i < kFirst.size(); ++i) {
        constexpr int kBins = 42;
        Histograms picture;
        picture.caption.title = titles[i];
        picture.caption.look_for = look_for[i];
        if (i == 1) picture.caption.wrong = "a row like those of the pictures above and below.";
        picture.value_axis = "activation";
        picture.low = -1;
        picture.high = 1;
        const auto all = through_layers(kFirst[i].times, true);
        for (const std::size_t layer : {1, 2, 4, 10}) {
            Histogram row{fmt::format("layer {}", layer), std::vector<double>(kBins), 0, {}, {}};
            for (Index k = 0; k < all[layer].count(); ++k) {
                const Real bin = (all[layer][k] + 1) / 2 * kBins;
                row.counts[static_cast<std::size_t>(std::clamp<Real>(bin, 0, kBins - 1))] += 1;
            }
            row.stddev = deviation(all[layer]);
            picture.rows.push_back(row);
        }
        stage.show(fmt::format("activations-{}", i), picture);
    }
}

const Demo demo([](Stage& stage) {
    names(stage);
    depth(stage);
    histograms(stage);
});

const WorkedNumbers numbers([] {
    for (const Index in : {1, 4, 256})
        fmt::print("in {}: standard deviation {}, variance {}, sum of {} such products {}\n", in,
                   part().first_deviation(in), std::pow(part().first_deviation(in), 2), in,
                   static_cast<double>(in) * std::pow(part().first_deviation(in), 2));
    for (const double x : {0.5, 1.0, 2.0})
        fmt::print("x {:.1f}: 5 times 2x is {:.0f}, 5 times tanh(2x) is {:.4f}\n", x, 5 * 2 * x,
                   5 * std::tanh(2 * x));
    Initialiser init(1);
    const AnyLinear linear = part().make_linear(2, 3, init);
    linear.weight.value().copy_from(Tensor::matrix({{1, 0, -1}, {2, 1, 0}}));
    linear.bias.value().copy_from(Tensor::from({10, 20, 30}));
    for (const Real y : linear.forward(Tensor::matrix({{1, 2}})).value().to_vector())
        fmt::print("y {}\n", y);
});

}  // namespace
}  // namespace gradus::lesson_10
