// SPDX-License-Identifier: MIT
// Lesson 10: modules and first values. The text is lessons/10-modules/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 10
#pragma once

#include "lessons/10-modules/given.h"

namespace mine {

// The standard deviation of the first weights of a layer with `in` inputs.
inline double first_deviation(Index in) {
    unfinished("first_deviation");  // TODO
}

// y = x weight + bias.   x: (rows, in), y: (rows, out)
struct Linear {
    Variable weight;  // (in, out)
    Variable bias;    // (out)

    // weight = init.normal({in, out}, your first_deviation), bias = Initialiser::constant({out},
    // 0): both are parameters, tensors whose gradient is wanted.
    Linear(Index in, Index out, Initialiser& init) {
        unfinished("Linear's constructor");  // TODO: give weight and bias their first values
    }

    // matmul(a, b) and a + b work on variables and record the graph.
    Variable operator()(const Variable& x) const {
        unfinished("Linear's operator()");  // TODO
    }

    // Calls visit(name, member) for every member that holds parameters: "weight", then "bias".
    void parameters(auto&& visit) {
        unfinished("Linear's parameters");  // TODO
    }
};

// Two layers with tanh between them: (rows, in) -> (rows, middle) -> (rows, classes).
struct Net {
    Linear hidden;  // (in, middle), made first
    Linear out;     // (middle, classes)

    Net(Index in, Index middle, Index classes, Initialiser& init)
        : hidden(in, middle, init), out(middle, classes, init) {}

    Variable operator()(const Variable& x) const {
        unfinished("Net's operator()");  // TODO: hidden, tanh, out
    }

    // Calls visit(name, member) for "hidden", then "out".
    void parameters(auto&& visit) {
        unfinished("Net's parameters");  // TODO
    }
};

// Written already: how the check makes your structs.
inline AnyLinear make_linear(Index in, Index out, Initialiser& init) {
    return any_linear(Linear(in, out, init));
}
inline AnyModule make_net(Index in, Index hidden, Index out, Initialiser& init) {
    return any_module(Net(in, hidden, out, init));
}

}  // namespace mine
