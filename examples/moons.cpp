// SPDX-License-Identifier: MIT
// The network of by_hand.cpp again, with what this library adds: layers that own their parameters,
// a graph that computes the gradients, an adaptive optimiser, and fit(), which shows how training
// is going. It needs a tenth of the steps.
//     ./gradus example moons [FOLDER]
// FOLDER receives the run: report.html, log.csv, and all it takes to resume after Ctrl-C.
#include "nn/all.h"

using namespace gradus;

constexpr Index N = 200, H = 16;  // points, hidden units

// A model is a plain struct: its forward pass, and its parameters by name.
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

int main(int argc, char** argv) try {
    const LabelledPoints train = two_moons(1, N), test = two_moons(2, N);
    Net net(Initialiser(1));
    Task task{.name = "two moons"};
    task.loss = [&](Index, Index) { return binary_cross_entropy(net(train.x), train.y); };
    task.evaluate = [&](Effort) { return evaluate_binary(net(test.x).value(), test.y); };
    task.pictures = [&] { return std::vector{drawing(boundary_of(net, test.x, test.y))}; };

    const InterruptGuard guard;  // Ctrl-C saves and stops
    const FitResult run = fit(net, task,
                              {.folder = argc > 1 ? argv[1] : "",
                               .training = {.steps = 100,
                                            .warmup = 0,
                                            .lr = 0.05,
                                            .min_lr = 0.05,  // no schedule for such a small net
                                            .adamw = {}},
                               .stop = interrupted});
    const int rows = std::min(16, terminal_style().columns / 4);
    fmt::print("\n{}", text(boundary_of(net, test.x, test.y), terminal_style(rows)));
    return run.result.accuracy >= 0.97 || !run.finished ? 0 : 1;  // you should see 100.0%
} catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
}
