// SPDX-License-Identifier: MIT
// The network of by_hand.cpp once more, with what this library adds: layers that own their
// parameters, a graph that works out the gradients, an optimiser that takes wiser steps. It starts
// from the same loss and needs a tenth of the steps.
//     ./gradus example moons
#include <cmath>
#include <numbers>

#include "autograd/elementwise.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/optimiser.h"

using namespace gradus;

constexpr Index N = 200, H = 16;  // points, hidden units

// Two moons: half circles that reach into each other, so that no straight line parts them.
struct Points {
    Tensor x, y;  // (N, 2), and the class (N, 1): 0 or 1
};

Points two_moons(std::uint64_t seed) {
    Random random(seed);
    const Points moons{Tensor({N, 2}), Tensor({N, 1})};
    for (Index i = 0; i < N; ++i) {
        const bool lower = i % 2 == 1;
        const double angle = std::numbers::pi * random.uniform();
        const double x = std::cos(angle), y = std::sin(angle);
        moons.x.at(i, 0) = Real((lower ? 1 - x : x) + 0.1 * random.normal());
        moons.x.at(i, 1) = Real((lower ? 0.5 - y : y) + 0.1 * random.normal());
        moons.y.at(i, 0) = lower;
    }
    return moons;
}

// A model is a plain struct: what it computes, and what it consists of.
struct Net {
    Linear hidden, out;

    explicit Net(Initialiser init) : hidden(2, H, init), out(H, 1, init) {}
    Variable operator()(const Variable& x) const {
        return out(tanh(hidden(x)));  // (N, 2) -> (N, H) -> (N, 1)
    }
    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

// The plane as text, in cells of 0.1 by 0.15: blank where class 0 is sure, dots where class 1 is,
// colons between. o and x are points of the two classes.
void draw(const Net& net, const Points& points) {
    constexpr Index kRows = 16, kColumns = 39;
    const Tensor cells({kRows, kColumns, 2});
    for (Index i = 0; i < kRows * kColumns; ++i) {
        cells[2 * i] = Real(0.1) * Real(i % kColumns) - Real(1.4);
        cells[2 * i + 1] = Real(1.4) - Real(0.15) * Real(i / kColumns);
    }
    const Tensor p = sigmoid(net(cells)).value();  // (kRows, kColumns, 1)
    std::string picture;
    for (Index i = 0; i < p.count(); ++i) picture += p[i] < 0.1 ? ' ' : p[i] < 0.9 ? ':' : '.';
    for (Index i = 0; i < N; ++i) {
        const Index column = std::lround((points.x.at(i, 0) + 1.4) / 0.1);
        const Index row = std::lround((1.4 - points.x.at(i, 1)) / 0.15);
        picture[row * kColumns + column] = points.y[i] == 1 ? 'x' : 'o';
    }
    for (Index i = 0; i < kRows; ++i) fmt::print("{}\n", picture.substr(i * kColumns, kColumns));
}

// Returns the part of the points that are on the right side: class 1 where the logit is positive.
double report(const std::string& name, const Variable& logits, const Points& points) {
    double right = 0;
    for (Index i = 0; i < N; ++i) right += (logits.value()[i] > 0) == (points.y[i] == 1);
    fmt::print("{}  loss {:.4f}  right {:.1f} %\n", name,
               binary_cross_entropy(logits, points.y).item(), 100 * right / N);
    return right / N;
}

int main() {
    const Points train = two_moons(1), test = two_moons(2);
    Net net(Initialiser(1));
    AdamW optimiser(named_parameters(net));
    for (int step = 0; step <= 100; ++step) {
        const Variable logits = net(train.x);  // (N, 1)
        if (step % 20 == 0) report(fmt::format("step {:4}", step), logits, train);

        optimiser.zero_grad();
        binary_cross_entropy(logits, train.y).backward();
        optimiser.step(Real(0.05));
    }
    const double right = report("unseen   ", net(test.x), test);
    draw(net, test);
    return right >= 0.97 ? 0 : 1;  // you should see 100.0 %
}
