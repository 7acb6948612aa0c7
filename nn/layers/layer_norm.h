// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/layer_norm.h"
#include "nn/layers/linear.h"

namespace gradus {

// Each row shifted and scaled to mean 0 and variance 1, then by a trained gain and bias.   (..., C)
// -> (..., C)
struct LayerNorm {
    Variable gain;  // (C), starts at 1
    Variable bias;  // (C), starts at 0, or undefined

    LayerNorm() = default;
    explicit LayerNorm(Index width, Bias with_bias = Bias::yes)
        : gain(Initialiser::constant({width}, 1)) {
        if (with_bias == Bias::yes) bias = Initialiser::constant({width}, 0);
    }

    Variable operator()(const Variable& x) const { return layer_norm(x, gain, bias); }
    void parameters(auto&& visit) {
        visit("gain", gain);
        visit("bias", bias);
    }
};

}  // namespace gradus
