// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/elementwise.h"
#include "nn/layers/linear.h"

namespace gradus {

// The feed-forward half of a Llama block: down(silu(gate(x)) up(x)) (Shazeer 2020,
// arXiv:2002.05202, eq. 6).   (..., C) -> (..., C)
struct SwiGlu {
    Linear gate, up;  // (C, hidden)
    Linear down;      // (hidden, C)

    SwiGlu() = default;
    // stddev, down_stddev: of the initial weights of gate and up, and of down; 0: Linear's default.
    SwiGlu(Index width, Index hidden, Initialiser& init, Bias bias = Bias::no, double stddev = 0,
           double down_stddev = 0)
        : gate(width, hidden, init, bias, stddev),
          up(width, hidden, init, bias, stddev),
          down(hidden, width, init, bias, down_stddev) {}

    Variable operator()(const Variable& x) const { return down(silu(gate(x)) * up(x)); }
    void parameters(auto&& visit) {
        visit("gate", gate);
        visit("up", up);
        visit("down", down);
    }
};

}  // namespace gradus
