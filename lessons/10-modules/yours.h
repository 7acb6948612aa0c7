// SPDX-License-Identifier: MIT
// The modules of lesson 10, for the lessons that run on them: those of the learner if they have
// passed, else the solution's.
#pragma once

#include "lessons/10-modules/given.h"

namespace gradus::lessons {

AnyLinear your_linear(Index in, Index out, Initialiser& init);
AnyModule your_net(Index in, Index hidden, Index out, Initialiser& init);

// A layer: your Linear of lesson 10 or, until that passes, the solution's.
class Layer {
 public:
    Layer(Index in, Index out, Initialiser& init) : Layer(your_linear(in, out, init)) {}
    Variable operator()(const Variable& x) const {
        ++calls;
        return linear_.forward(x);
    }
    void parameters(auto&& visit) {
        for (const auto& [name, variable] : linear_.parameters()) visit(name, variable);
    }

    Variable weight, bias;                  // (in, out) and (out)
    static inline std::uint64_t calls = 0;  // of all layers

 private:
    explicit Layer(const AnyLinear& linear)
        : weight(linear.weight), bias(linear.bias), linear_(linear) {}

    AnyLinear linear_;
};

}  // namespace gradus::lessons
