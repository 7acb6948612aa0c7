// SPDX-License-Identifier: MIT
// Lesson 10: modules and first values.
#pragma once

#include "lessons/10-modules/given.h"

namespace mine {

inline double first_deviation(Index in) {
    return 1 / std::sqrt(static_cast<double>(in));
}

struct Linear {
    Variable weight;
    Variable bias;

    Linear(Index in, Index out, Initialiser& init)
        : weight(init.normal({in, out}, first_deviation(in))),
          bias(Initialiser::constant({out}, 0)) {}

    Variable operator()(const Variable& x) const { return matmul(x, weight) + bias; }

    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

struct Net {
    Linear hidden;
    Linear out;

    Net(Index in, Index middle, Index classes, Initialiser& init)
        : hidden(in, middle, init), out(middle, classes, init) {}

    Variable operator()(const Variable& x) const { return out(tanh(hidden(x))); }

    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

inline AnyLinear make_linear(Index in, Index out, Initialiser& init) {
    return any_linear(Linear(in, out, init));
}
inline AnyModule make_net(Index in, Index hidden, Index out, Initialiser& init) {
    return any_module(Net(in, hidden, out, init));
}

}  // namespace mine
