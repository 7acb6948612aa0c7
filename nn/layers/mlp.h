// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/elementwise.h"
#include "nn/layers/dropout.h"
#include "nn/layers/linear.h"

namespace gradus {

// The feed-forward half of a Transformer block: widen fourfold, GELU, narrow.   (..., C) -> (...,
// C)
struct Mlp {
    Linear widen;   // (C, 4C)
    Linear narrow;  // (4C, C)
    Dropout drop;

    Mlp() = default;
    Mlp(Index width, Initialiser& init, Bias bias, double narrow_deviation, Real dropout)
        : widen(width, 4 * width, init, bias, 0.02),
          narrow(4 * width, width, init, bias, narrow_deviation),
          drop{dropout} {}

    Variable operator()(const Variable& x) const { return drop(narrow(gelu(widen(x)))); }
    void parameters(auto&& visit) {
        visit("widen", widen);
        visit("narrow", narrow);
    }
};

}  // namespace gradus
