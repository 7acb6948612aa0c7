// SPDX-License-Identifier: MIT
// Lesson 14: memory. The text is lessons/14-memory/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 14
#pragma once

#include "lessons/14-memory/given.h"

namespace mine {

// One step of a tanh cell: the new h from x and the h before.   x: (B, C), h: (B, H) -> (B, H)
// The weights are w.from_x (C, H), w.from_h (H, H) and w.bias (H).
inline Variable rnn_step(const Weights& w, const Variable& x, const Variable& h) {
    unfinished("rnn_step");  // TODO: two products, a bias, tanh
}

// One step of an LSTM: the new h and c, each (B, H), from x (B, C) and the state before.
// The weights are w.from_x (C, 4 H), w.from_h (H, 4 H) and w.bias (4 H): H columns each for i, f, g
// and o, in this order; H is before.h.size(1).
inline State lstm_step(const Weights& w, const Variable& x, const State& before) {
    unfinished("lstm_step");  // TODO: one sum of products, four slices, c, h
}

// The first bias of an LSTM that is to remember for about T steps (2 or more): a parameter (4 H),
// -ln(T - 1) for i, ln(T - 1) for f, and 0 for g and o.
inline Variable first_bias(Index H, Index T) {
    unfinished("first_bias");  // TODO: a tensor of zeros, two of its four parts filled
}

// Runs a cell over x (B, T, C), one position after the other, and returns every h: (B, T, H).
// `state` is where it starts; afterwards it is the state after the last position. H is
// state.h.size(1).
inline Variable run(const Cell& cell, const Variable& x, State& state) {
    unfinished("run");  // TODO: slice, reshape, cell, concat
}

// The same numbers without a history: constants, at which a backward walk ends. Neither h nor c is
// empty, whatever the cell.
inline State cut(const State& state) {
    unfinished("cut");  // TODO: a new Variable for h, and one for c
}

}  // namespace mine
