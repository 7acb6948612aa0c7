// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "autograd/elementwise.h"
#include "autograd/shape.h"
#include "nn/layers/linear.h"

namespace gradus {

// What a recurrent network remembers: its output h and, in an LSTM, the cell c. Both (B, H);
// undefined stands for zeros.
struct LstmState {
    Variable h, c;
};

// Long short-term memory (Hochreiter, Schmidhuber 1997; with the forget gate of Gers et al. 2000):
//     i, f, o = sigmoid(...), g = tanh(...), each of them linear in x and h
//     c = f c + i g,   h = o tanh(c)
struct Lstm {
    Linear input;   // (C, 4H): i, f, g and o side by side
    Linear hidden;  // (H, 4H), without a bias

    Lstm() = default;
    // The forget gate's bias starts at 1, so that the cell remembers from the first step
    // (Jozefowicz et al. 2015).
    Lstm(Index width, Index size, Initialiser& init)
        : input(width, 4 * size, init), hidden(size, 4 * size, init, Bias::no) {
        input.bias.value().slice(size, 2 * size).fill(1);
    }

    Index size() const { return hidden.weight.size(0); }

    // One step, from what `input` makes of x: (B, 4H).
    LstmState step(const Variable& from_x, const LstmState& before) const {
        const Index H = size();
        const Variable gates = before.h.defined() ? from_x + hidden(before.h) : from_x;
        const Variable i = sigmoid(slice(gates, 1, 0, H)), f = sigmoid(slice(gates, 1, H, 2 * H));
        const Variable g = tanh(slice(gates, 1, 2 * H, 3 * H));
        const Variable o = sigmoid(slice(gates, 1, 3 * H, 4 * H));
        const Variable c = before.c.defined() ? f * before.c + i * g : i * g;
        return {o * tanh(c), c};
    }

    // x (B, T, C) -> every h, (B, T, H). `state` is where the sequence starts, and then where it
    // ended; null: zeros.
    Variable operator()(const Variable& x, LstmState* state = nullptr) const {
        require(x.shape().rank() == 3 && x.size(1) >= 1, "lstm: needs (B, T, C), got {}",
                x.shape());
        const Index B = x.size(0), T = x.size(1);
        const Variable from_x = input(x);  // all positions in one product
        LstmState now = state ? *state : LstmState{};
        std::vector<Variable> outputs;
        for (Index t = 0; t < T; ++t) {
            now = step(reshape(slice(from_x, 1, t, t + 1), {B, 4 * size()}), now);
            outputs.push_back(reshape(now.h, {B, 1, size()}));
        }
        if (state) *state = now;
        return concat(outputs, 1);
    }
    void parameters(auto&& visit) {
        visit("input", input);
        visit("hidden", hidden);
    }
};

}  // namespace gradus
