// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/layer_norm.h"
#include "nn/layers/linear.h"

namespace gradus {

// Normalises each row to mean 0 and variance 1, then scales by weight (gamma) and adds bias (beta),
// both learned.   (..., C) -> (..., C)
struct LayerNorm {
    Variable weight;  // (C), initialised to 1
    Variable bias;    // (C), initialised to 0, or undefined
    Real eps = kNormEps;

    LayerNorm() = default;
    explicit LayerNorm(Index width, Bias with_bias = Bias::yes, Real epsilon = kNormEps)
        : weight(Initialiser::constant({width}, 1)), eps(epsilon) {
        if (with_bias == Bias::yes) bias = Initialiser::constant({width}, 0);
    }

    Variable operator()(const Variable& x) const { return layer_norm(x, weight, bias, eps); }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

}  // namespace gradus
