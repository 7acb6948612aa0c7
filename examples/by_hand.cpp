// SPDX-License-Identifier: MIT
// A neural network by hand: forward pass, backward pass and update, written out on plain tensors.
// No graph, no layers, no optimiser: these thirty lines are the seed of all three. moons.cpp is the
// same program with them.   ./gradus example by_hand [film.svg]
#include <algorithm>
#include <cmath>

#include "nn/all.h"

using namespace gradus;

constexpr Index N = 200, H = 16;                        // points, hidden units
constexpr Real kRate = 1;                               // learning rate
constexpr int kShown[] = {0, 20, 100, 200, 400, 1000};  // steps to look at

// The parameters. The weights start at random: identical hidden units would stay identical.
const Tensor w1 = Tensor::normal({2, H}, Real(1 / std::sqrt(2)), 1, Stream::init, 0);
const Tensor w2 = Tensor::normal({H, 1}, Real(1 / std::sqrt(H)), 1, Stream::init, 1);
const Tensor b1({H}), b2({1});

// Forward: the hidden units, (N, 2) -> (N, H), and the probability of class 1, (N, H) -> (N, 1).
const auto hidden = [](const Tensor& x) { return tanh_forward(matmul_forward(x, w1) + b1); };
const auto output = [](const Tensor& h) { return sigmoid_forward(matmul_forward(h, w2) + b2); };

// Prints the loss, the mean of -log(probability of the true class); returns the accuracy.
double report(const std::string& name, const Tensor& p, const Tensor& y) {
    double loss = 0, right = 0;
    for (Index i = 0; i < N; ++i) {
        loss -= std::log(y[i] == 1 ? p[i] : 1 - p[i]) / N;
        right += (p[i] > 0.5) == (y[i] == 1);
    }
    fmt::print("{}  loss {:.4f}  right {:.1f} %\n", name, loss, 100 * right / N);
    return right / N;
}

int main(int argc, char** argv) try {
    const LabelledPoints train = two_moons(1, N), test = two_moons(2, N);
    Boundary film = plane_of(test.x, test.y);
    film.caption = {"Which moon? The boundary while it is learnt",
                    "a straight boundary that bends until it goes around the tips of the moons.",
                    "a plane of one shade, or a boundary that stays: no step is ever taken."};
    for (int step = 0; step <= 1000; ++step) {
        const Tensor h = hidden(train.x), p = output(h);  // (N, H), (N, 1)
        if (std::ranges::count(kShown, step) > 0) {
            const std::string name = fmt::format("step {:4}", step);
            report(name, p, train.y);
            add_frame(film, name, output(hidden(cells_of(film))));
        }

        // Backward: from the loss to the parameters; each line is the gradient of a forward line.
        const Tensor ds =
            (Real(1) / N) * (p - train.y);  // (N, 1): gradient of log and sigmoid together
        const Tensor dw2 = matmul_forward(transpose_forward(h), ds);  // (H, N) (N, 1) -> (H, 1)
        const Tensor db2 = sum_axis(ds, 0);                           // (1)
        const Tensor dh = matmul_forward(ds, w2, Transpose::yes);     // (N, 1) (1, H) -> (N, H)
        const Tensor dz = dh - dh * h * h;                            // tanh' = 1 - tanh^2
        const Tensor dw1 = matmul_forward(transpose_forward(train.x), dz);  // (2, N) (N, H)
        const Tensor db1 = sum_axis(dz, 0);                                 // (H)

        // Update: one step downhill.
        add_scaled(w1, dw1, -kRate), add_scaled(b1, db1, -kRate);
        add_scaled(w2, dw2, -kRate), add_scaled(b2, db2, -kRate);
    }
    const double right = report("unseen   ", output(hidden(test.x)), test.y);
    fmt::print("\n{}\n\n{}", wrapped("You should see " + film.caption.look_for),
               text(film, terminal_style()));
    if (argc > 1) write_picture(argv[1], film);
    return right >= 0.97 ? 0 : 1;  // you should see 100.0%
} catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
}
