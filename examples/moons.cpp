// SPDX-License-Identifier: MIT
// The network of by_hand.cpp once more, with what this library adds: layers that own their
// parameters, a graph that works out the gradients, an optimiser that takes wiser steps. It starts
// from the same loss and needs a tenth of the steps.
//     ./gradus example moons
#include <algorithm>
#include "nn/all.h"

using namespace gradus;

constexpr Index N = 200, H = 16;  // points, hidden units

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

// Returns the part of the points that are on the right side: class 1 where the logit is positive.
double report(const std::string& name, const Variable& logits, const LabelledPoints& points) {
    double right = 0;
    for (Index i = 0; i < N; ++i) right += (logits.value()[i] > 0) == (points.y[i] == 1);
    fmt::print("{}  loss {:.4f}  right {:.1f} %\n", name,
               binary_cross_entropy(logits, points.y).item(), 100 * right / N);
    return right / N;
}

int main() {
    const LabelledPoints train = two_moons(1, N), test = two_moons(2, N);
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
    Boundary plane = plane_of(test.x, test.y);
    add_moment(plane, "", sigmoid(net(cells_of(plane))).value());
    const int rows = std::min(16, terminal_style().columns / 4);
    fmt::print("\n{}", text(plane, terminal_style(rows)));
    return right >= 0.97 ? 0 : 1;  // you should see 100.0 %
}
