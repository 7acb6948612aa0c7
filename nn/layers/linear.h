// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "autograd/matmul.h"
#include "nn/module.h"
#include "tensor/int8.h"

namespace gradus {

enum class Bias { no, yes };

// y = x weight + bias.   x: (..., IN) -> (..., OUT)
struct Linear {
    Variable weight;  // (IN, OUT)
    Variable bias;    // (OUT), or undefined
    Int8Matrix int8;  // (OUT, IN): replaces the weight after quantise()

    Linear() = default;
    // weight ~ N(0, stddev^2), bias 0. The default 1/sqrt(IN) preserves the input's variance
    // (LeCun et al. 1998).
    Linear(Index in, Index out, Initialiser& init, Bias with_bias = Bias::yes, double stddev = 0)
        : weight(init.normal({in, out},
                             stddev > 0 ? stddev : 1 / std::sqrt(static_cast<double>(in)))) {
        if (with_bias == Bias::yes) bias = Initialiser::constant({out}, 0);
    }

    Variable operator()(const Variable& x) const {
        return int8.defined() ? linear_int8(x, int8, bias) : linear(x, weight, bias);
    }
    // Quantises the weight to 8 bits and frees the floats; it cannot be trained afterwards.
    void quantise() {
        int8 = quantise_int8(transpose_forward(weight.value()));
        weight = {};
    }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

}  // namespace gradus
