// SPDX-License-Identifier: MIT
// Lesson 14, given: what a cell consists of, and the names of the library that it is written with.
#pragma once

#include <functional>

#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "autograd/shape.h"
#include "lessons/learn.h"

namespace gradus::lessons {

// The weights of a cell. G is H for a tanh cell and 4 H for an LSTM.
struct Weights {
    Variable from_x;  // (C, G)
    Variable from_h;  // (H, G)
    Variable bias;    // (G)
};

// What is handed on from letter to letter: the output h and, in an LSTM, the cell c. Both (B, H).
struct State {
    Variable h, c;
};

// One step of any kind of cell: cell(x, before), with x (B, C), is the state after x.
using Cell = std::function<State(const Variable& x, const State& before)>;

}  // namespace gradus::lessons

using gradus::concat;
using gradus::matmul;
using gradus::parameter;
using gradus::reshape;
using gradus::slice;
using gradus::Tensor;
using gradus::Variable;
using gradus::lessons::Cell;
using gradus::lessons::State;
using gradus::lessons::Weights;
