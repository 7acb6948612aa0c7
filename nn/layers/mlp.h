// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/elementwise.h"
#include "nn/layers/dropout.h"
#include "nn/layers/linear.h"

namespace gradus {

// The feed-forward half of a Transformer block: project up to 4C, GELU, project down.
// (..., C) -> (..., C)
struct Mlp {
    Linear up;    // (C, 4C): the up projection, c_fc in GPT-2
    Linear down;  // (4C, C): the down projection, c_proj in GPT-2
    Dropout drop;

    Mlp() = default;
    Mlp(Index width, Initialiser& init, Bias bias, double down_stddev, Real dropout)
        : up(width, 4 * width, init, bias, 0.02),
          down(4 * width, width, init, bias, down_stddev),
          drop{dropout} {}

    Variable operator()(const Variable& x) const { return drop(down(gelu(up(x)))); }
    void parameters(auto&& visit) {
        visit("up", up);
        visit("down", down);
    }
};

}  // namespace gradus
