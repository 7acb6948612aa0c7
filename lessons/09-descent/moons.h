// SPDX-License-Identifier: MIT
// The task of lesson 09: two half circles that reach into each other, and a network that learns to
// tell them apart. The same as examples/moons.cpp.
#pragma once

#include "autograd/elementwise.h"
#include "nn/data/moons.h"
#include "nn/layers/linear.h"
#include "nn/loss.h"

namespace gradus::lesson_09 {

struct Net {
    Linear hidden, out;

    explicit Net(Initialiser init) : hidden(2, 16, init), out(16, 1, init) {}
    Variable operator()(const Variable& x) const { return out(tanh(hidden(x))); }
    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

// A network, 200 points to learn from and 200 that it never sees while it learns.
struct Moons {
    LabelledPoints train = two_moons(1), unseen = two_moons(2);
    Net net{Initialiser(1)};

    std::function<Variable()> loss() {
        return [this] { return binary_cross_entropy(net(train.x), train.y); };
    }
    std::vector<Variable> parameters() {
        std::vector<Variable> list;
        for (const auto& p : named_parameters(net)) list.push_back(p.variable);
        return list;
    }
    // The part of the unseen points that are on the right side.
    double right() const {
        const NoGrad no_grad;
        const Tensor logits = net(unseen.x).value();
        double right = 0;
        for (Index i = 0; i < logits.count(); ++i) right += (logits[i] > 0) == (unseen.y[i] == 1);
        return right / static_cast<double>(logits.count());
    }
};

}  // namespace gradus::lesson_09
