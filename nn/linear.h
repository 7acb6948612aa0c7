// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "autograd/matmul.h"
#include "nn/module.h"

namespace gradus {

enum class Bias { no, yes };

// y = x weight + bias.   x: (..., IN) -> (..., OUT)
struct Linear {
    Variable weight;  // (IN, OUT)
    Variable bias;    // (OUT), or undefined

    Linear() = default;
    // weight ~ N(0, deviation^2), bias 0. The default 1/sqrt(IN) keeps the variance of the input
    // (LeCun et al. 1998).
    Linear(Index in, Index out, Initialiser& init, Bias with_bias = Bias::yes, double deviation = 0)
        : weight(init.normal({in, out},
                             deviation > 0 ? deviation : 1 / std::sqrt(static_cast<double>(in)))) {
        if (with_bias == Bias::yes) bias = Initialiser::constant({out}, 0);
    }

    Variable operator()(const Variable& x) const { return linear(x, weight, bias); }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

}  // namespace gradus
