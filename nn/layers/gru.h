// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "autograd/elementwise.h"
#include "autograd/shape.h"
#include "nn/layers/linear.h"

namespace gradus {

// A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), with the reset gate after the product,
// as in cuDNN and PyTorch:
//     r, z = sigmoid(...), each linear in x and h
//     n = tanh(input(x) + r hidden(h)),   h = (1 - z) n + z h
struct Gru {
    Linear input;   // (C, 3H): r, z and n side by side
    Linear hidden;  // (H, 3H)

    Gru() = default;
    Gru(Index width, Index size, Initialiser& init)
        : input(width, 3 * size, init), hidden(size, 3 * size, init) {}

    Index size() const { return hidden.weight.size(0); }

    // One step, from what `input` makes of x: (B, 3H). h: (B, H).
    Variable step(const Variable& from_x, const Variable& h) const {
        const Index H = size();
        const Variable from_h = hidden(h);
        const Variable rz = sigmoid(slice(from_x, 1, 0, 2 * H) + slice(from_h, 1, 0, 2 * H));
        const Variable r = slice(rz, 1, 0, H), z = slice(rz, 1, H, 2 * H);
        const Variable n =
            tanh(slice(from_x, 1, 2 * H, 3 * H) + r * slice(from_h, 1, 2 * H, 3 * H));
        return n + z * (h - n);
    }

    // x (B, T, C) -> every h, (B, T, H). `state` (B, H) is where the sequence starts, and then where
    // it ended; null or undefined: zeros.
    Variable operator()(const Variable& x, Variable* state = nullptr) const {
        require(x.shape().rank() == 3 && x.size(1) >= 1, "gru: needs (B, T, C), got {}", x.shape());
        const Index B = x.size(0), T = x.size(1);
        const Variable from_x = input(x);  // all positions in one product
        Variable h = state && state->defined() ? *state : Variable(Tensor({B, size()}));
        std::vector<Variable> outputs;
        for (Index t = 0; t < T; ++t) {
            h = step(reshape(slice(from_x, 1, t, t + 1), {B, 3 * size()}), h);
            outputs.push_back(reshape(h, {B, 1, size()}));
        }
        if (state) *state = h;
        return concat(outputs, 1);
    }
    void parameters(auto&& visit) {
        visit("input", input);
        visit("hidden", hidden);
    }
};

}  // namespace gradus
