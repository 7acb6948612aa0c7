// SPDX-License-Identifier: MIT
// One step of either optimiser on one parameter tensor. The choice of parameters and learning rate
// is left to nn/train/.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

struct AdamWStep {
    Real lr, beta1 = Real(0.9), beta2 = Real(0.999), eps = Real(1e-8), decay = 0;
    Index step = 1;       // counted from 1; used to correct for moments starting at zero
    Real grad_scale = 1;  // multiplies the gradient before anything else (clipping)
};

// velocity = momentum velocity + g; w -= lr velocity. An undefined velocity means no momentum.
void sgd_step(const Tensor& w, const Tensor& g, const Tensor& velocity, Real lr, Real momentum);
// AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101, algorithm 2). All tensors have the same shape;
// m and v are updated too.
void adamw_step(const Tensor& w, const Tensor& g, const Tensor& m, const Tensor& v,
                const AdamWStep& step);

}  // namespace gradus
