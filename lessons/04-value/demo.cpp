// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <map>

namespace gradus::lesson_04 {
namespace {

// The graph of y: a node for each number, every one after its inputs.
Diagram diagram(const Value& y, const Caption& caption) {
    std::vector<Value> oldest_first = history(y);
    std::reverse(oldest_first.begin(), oldest_first.end());
    Diagram drawn{caption, {}};
    std::map<Index, std::size_t> place;
    for (const Value& v : oldest_first) {
        place.emplace(v.number(), drawn.nodes.size());
        DiagramNode node{
            {v.name(), fmt::format("{:.4f}", v.data()), fmt::format("grad {:.4f}", v.grad())}, {}};
        for (const Value& input : v.inputs()) node.inputs.push_back(place.at(input.number()));
        drawn.nodes.push_back(node);
    }
    return drawn;
}

// The neuron of the text. x: the inputs, w: two weights and the bias, which is all that is trained.
struct Neuron {
    std::vector<Value> x, w;
    Value output, loss;
};

Neuron neuron(const std::vector<Real>& numbers) {
    const Value x1 = Value(2).named("x1"), x2 = Value(-1).named("x2");
    const Value w1 = Value(numbers[0]).named("w1"), w2 = Value(numbers[1]).named("w2");
    const Value b = Value(numbers[2]).named("b");
    const Value y = part().tanh_of(w1 * x1 + w2 * x2 + b);
    const Value d = y + Value(-0.8).named("-0.8");
    return {{x1, x2}, {w1, w2, b}, y, d * d};
}

std::vector<Real> step(const Neuron& n, Real rate) {
    std::vector<Real> numbers;
    for (const Value& w : n.w) numbers.push_back(w.data() - rate * w.grad());
    return numbers;
}

// (L(w + h) - L(w - h)) / 2h, by computing the loss twice.
Real nudged(const std::vector<Real>& numbers, std::size_t i) {
    const Real h = 1e-4;
    std::vector<Real> up = numbers, down = numbers;
    up[i] += h, down[i] -= h;
    return (neuron(up).loss.data() - neuron(down).loss.data()) / (2 * h);
}

const Demo demo([](Stage& stage) {
    stage.say(
        "L = a * b + a, as your numbers remember it. Below each number is what it was made of:");
    const Value a = Value(2).named("a"), b = Value(3).named("b");
    const Value m = (a * b).named("m = *");
    const Value L = (m + a).named("L = +");
    backward(L);
    stage.show("expression",
               diagram(L, {"L = a * b + a",
                           "a is used twice and has one gradient: 3 from the product, 1 from the "
                           "sum.",
                           "a gradient of 3 or of 1 at a."}));

    stage.say(
        "Your exp at work: the bell y = exp(-x * x), and the gradient of x that backward() "
        "leaves, for 81 values of x.");
    Line bell{"y", {}, {}}, slope{"gradient of x", {}, {}};
    for (int i = -40; i <= 40; ++i) {
        const Value x = 0.075 * i;
        const Value y = part().exp_of(x * x * -1);
        backward(y);
        bell.x.push_back(x.data()), bell.y.push_back(y.data());
        slope.x.push_back(x.data()), slope.y.push_back(x.grad());
    }
    LineChart bells;
    bells.caption = {"y = exp(-x * x) and its gradient",
                     "above 0 while the bell rises, 0 at its top, below 0 while it falls.",
                     "a gradient that is not 0 where the bell is highest."};
    bells.x = {"x"};
    bells.lines = {bell, slope};
    stage.show("bell", bells);

    stage.say("A neuron with two inputs, two weights and a bias, and the loss (y - 0.8)^2:");
    const std::vector<Real> start = {0.5, 1, 0.5};
    const Neuron n = neuron(start);
    backward(n.loss);
    stage.show("neuron", diagram(n.loss, {"The neuron and its loss",
                                          "the gradient of a sum goes to its parts unchanged; that "
                                          "of w1 is twice as large, for x1 is 2.",
                                          "a 0 among the gradients: nothing arrived there."}));

    stage.say("Are they right? Nudge each number by 0.0001 both ways and see what the loss does:");
    const char* names[] = {"w1", "w2", "b"};
    stage.print("     yours     nudged");
    for (std::size_t i = 0; i < 3; ++i)
        stage.print(
            fmt::format("{:<2}  {:7.4f}  {:7.4f}", names[i], n.w[i].grad(), nudged(start, i)));
    stage.print("");

    const std::vector<Real> after = step(n, 0.1);
    stage.say("One step downhill: each number minus 0.1 times its gradient.");
    for (std::size_t i = 0; i < 3; ++i)
        stage.print(fmt::format("{:<2} {:.4f} -> {:.4f}", names[i], start[i], after[i]));
    stage.print(fmt::format("loss {:.4f} -> {:.4f}", n.loss.data(), neuron(after).loss.data()));
    stage.print("");

    Line fall{"loss", {}, {}};
    std::vector<Real> numbers = start;
    for (int i = 0; i <= 20; ++i) {
        const Neuron now = neuron(numbers);
        backward(now.loss);
        fall.x.push_back(i), fall.y.push_back(now.loss.data());
        if (i < 20) numbers = step(now, 0.1);
    }
    LineChart falls;
    falls.caption = {"The same step twenty times (logarithmic axis)",
                     "a line that only falls. Your functions have trained a neuron.",
                     "a line that rises: the step went uphill."};
    falls.x = {"step"}, falls.y = {"loss", true};
    falls.lines = {fall};
    stage.show("downhill", falls);
    stage.print(fmt::format("output {:.4f} -> {:.4f}, wanted 0.8", n.output.data(),
                            neuron(numbers).output.data()));
    stage.print("");

    stage.say("Twenty steps with other learning rates, from the same start:");
    stage.print("  rate  output    loss");
    for (const Real rate : {Real(0.01), Real(0.1), Real(1), Real(10), Real(100)}) {
        numbers = start;
        for (int i = 0; i < 20; ++i) {
            const Neuron now = neuron(numbers);
            backward(now.loss);
            numbers = step(now, rate);
        }
        const Neuron last = neuron(numbers);
        stage.print(
            fmt::format("{:6}  {:6.4f}  {:6.4f}", rate, last.output.data(), last.loss.data()));
    }
    stage.print("");
    stage.say(
        "Where the output is stuck at 1 or -1, tanh is flat: its slope is 0 there, so no gradient "
        "comes through any more, and no step leads back.");
});

const WorkedNumbers numbers([] {
    const auto nudge = [](const char* what, double (*f)(double), double x) {
        fmt::print("{}: f({}) = {:.8f}, f({}) = {:.8f}, difference {:.8f}, {:.5f} times {}\n", what,
                   x, f(x), x + 0.001, f(x + 0.001), f(x + 0.001) - f(x),
                   (f(x + 0.001) - f(x)) / 0.001, 0.001);
    };
    fmt::print("3 x: 3 * 0.001 = {:.3f}, times 5: {:.3f}\n", 3 * 0.001, 5 * 3 * 0.001);
    fmt::print("2.001 * 3 = {:.3f}\n", 2.001 * 3);
    nudge(
        "exp", [](double x) { return std::exp(x); }, 1);
    nudge(
        "tanh", [](double x) { return std::tanh(x); }, 0.5);
    fmt::print("e = {:.5f}, slope of tanh at 0.5: {:.5f}\n", std::exp(1.0),
               1 - std::tanh(0.5) * std::tanh(0.5));
    for (const double x : {-1.0, 0.0, 1.0})
        fmt::print("two bends at {}: {:.4f}\n", x,
                   1 + std::tanh(9 * x - 5) / 2 - std::tanh(9 * x + 5) / 2);
    const Value half = 0.5, two = 2;
    for (const Value& v : {half, two}) {
        const Value y = part().tanh_of(v);
        backward(y);
        fmt::print("tanh {}: {:.4f}, 1 - y^2 = {:.4f}, 1 - x^2 = {:.2f}\n", v.data(), y.data(),
                   v.grad(), 1 - v.data() * v.data());
    }
    const Neuron n = neuron({0.5, 1, 0.5});
    backward(n.loss);
    const Value d = n.loss.inputs()[0], s = n.output.inputs()[0];
    fmt::print("s {} y {:.4f} d {:.4f} loss {:.4f}\n", s.data(), n.output.data(), d.data(),
               n.loss.data());
    fmt::print("dy {:.4f} slope {:.4f} ds {:.4f}\n", n.output.grad(),
               1 - n.output.data() * n.output.data(), s.grad());
    fmt::print("dw1 {:.4f} dw2 {:.4f} db {:.4f}\n", n.w[0].grad(), n.w[1].grad(), n.w[2].grad());
});

}  // namespace
}  // namespace gradus::lesson_04
