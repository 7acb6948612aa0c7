// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

namespace gradus::lesson_08 {
namespace {

using Numbers = std::vector<Real>;

struct Row {
    Real loss, lse;
    Numbers p, dx;
};

// One row of scores through the learner's two functions.
Row row(const Numbers& x, int target, Real scale = 1) {
    const Index cols = static_cast<Index>(x.size());
    Row result{0, 0, {}, Numbers(x.size())};
    part().cross_entropy_forward(&result.loss, &result.lse, x.data(), &target, 1, cols);
    part().cross_entropy_backward(result.dx.data(), scale, x.data(), &result.lse, &target, 1, cols);
    for (const Real score : x) result.p.push_back(std::exp(score - result.lse));
    return result;
}

// The gradient at the target if the loss were the sum of (p - onehot)^2: the softmax's gradient, as
// in lesson 06, of 2 (p - onehot).
Real of_squares(const Numbers& p, int target) {
    Numbers dp;
    Real mean = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
        dp.push_back(2 * (p[j] - (static_cast<int>(j) == target ? 1 : 0)));
        mean += p[j] * dp[j];
    }
    const auto t = static_cast<std::size_t>(target);
    return p[t] * (dp[t] - mean);
}

BarChart bars(const std::string& title, const Numbers& p) {
    BarChart chart;
    chart.caption.title = title;
    chart.value_axis = "probability";
    chart.labels = {"class 0", "target 1", "class 2", "onehot"};
    chart.values.assign(p.begin(), p.end());
    chart.values.push_back(1);
    return chart;
}

const Demo demo([](Stage& stage) {
    const int target = 1;
    Numbers x = {1, 2, 3};
    const Row start = row(x, target);
    stage.say("Three scores, and class 1 is the right answer:");
    stage.print("class  score       p  p - onehot");
    for (std::size_t j = 0; j < 3; ++j)
        stage.print(fmt::format("{:>5}{:>7}{:>8.4f}{:>12.4f}", j, x[j], start.p[j], start.dx[j]));
    stage.print(fmt::format("loss {:.4f}", start.loss));
    stage.print("");

    stage.say(
        "The gradient at the target, class 1, for three rows that are more and more sure of class "
        "0; and what it would be if the loss were the sum of (p - onehot) squared:");
    stage.print("scores    p target   yours    squares");
    for (const Real first : {2, 5, 10}) {
        const Row sure = row({first, 0, 0}, target);
        stage.print(fmt::format("{:>2}, 0, 0  {:.7f}  {:.4f}  {:.4f}", first, sure.p[1], sure.dx[1],
                                of_squares(sure.p, target)));
    }
    stage.print("");

    stage.say("Now the scores follow your gradient downhill, 60 steps of x -= dx / 5:");
    Line loss{"loss", {}, {}};
    for (int step = 0; step <= 60; ++step) {
        const Row now = row(x, target);
        loss.x.push_back(step), loss.y.push_back(now.loss);
        if (step == 0 || step == 10 || step == 60) {
            BarChart chart = bars(fmt::format("step {}, loss {:.4f}", step, now.loss), now.p);
            if (step == 60) {
                chart.caption.look_for =
                    "the target's bar grows towards the 1 below, and takes "
                    "from both others.";
                chart.caption.wrong = "it shrinks: the signs of the gradient are turned round.";
            }
            stage.show(fmt::format("step-{}", step), chart);
        }
        for (std::size_t j = 0; j < 3; ++j) x[j] -= now.dx[j] / 5;
    }
    LineChart chart;
    chart.caption = {"the loss on the way",
                     "steep at first, then slower and slower: the gradient is p - onehot, and that "
                     "gets small as p gets right.",
                     "a loss that rises, or stops above 0."};
    chart.x.name = "step", chart.y.name = "loss, nats";
    chart.lines = {loss};
    chart.levels = {{fmt::format("uniform baseline, ln 3 = {:.2f}", std::log(3.0)), std::log(3.0)}};
    stage.show("loss", chart);
    stage.print(fmt::format("scores 1000, 0, 0, target 1: loss {}", row({1000, 0, 0}, 1).loss));
});

const WorkedNumbers numbers([] {
    const Real sum = std::exp(-2.0) + std::exp(-1.0) + 1;
    fmt::print("sum of exp 1, 2, 3: {:.4f}\n", std::exp(1.0) + std::exp(2.0) + std::exp(3.0));
    fmt::print("sum {:.4f}, its logarithm {:.4f}\n", sum, std::log(sum));
    for (const int target : {2, 1, 0}) {
        const Row r = row({1, 2, 3}, target);
        fmt::print("target {}: p = {:.4f}, lse {:.4f}, loss {:.4f}\n", target, r.p[target], r.lse,
                   r.loss);
        fmt::print("  gradient {:.4f} {:.4f} {:.4f}\n", r.dx[0], r.dx[1], r.dx[2]);
    }
    const Row half = row({1, 2, 3}, 1, 0.5);
    fmt::print("scale 0.5: {:.4f} {:.4f} {:.4f}\n", half.dx[0], half.dx[1], half.dx[2]);
    fmt::print("ln 3 = {:.4f}, ln 42 = {:.4f}, ln 2 = {:.4f}\n", std::log(3.0), std::log(42.0),
               std::log(2.0));
});

}  // namespace
}  // namespace gradus::lesson_08
