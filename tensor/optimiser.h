// SPDX-License-Identifier: MIT
// One step of an optimiser on one parameter tensor. The choice of parameters and learning rate
// is left to nn/train/.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

struct AdamWStep {
    Real lr, beta1 = Real(0.9), beta2 = Real(0.999), eps = Real(1e-8), decay = 0;
    Index step = 1;       // counted from 1; used to correct for moments starting at zero
    Real grad_scale = 1;  // multiplies the gradient before anything else (clipping)
};

struct LionStep {
    Real lr, beta1 = Real(0.9), beta2 = Real(0.99), decay = 0;
    Real grad_scale = 1;  // as for AdamW
};

// velocity = momentum velocity + g; w -= lr velocity. An undefined velocity means no momentum.
void sgd_step(const Tensor& w, const Tensor& g, const Tensor& velocity, Real lr, Real momentum);
// AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101, algorithm 2). All tensors have the same shape;
// m and v are updated too.
void adamw_step(const Tensor& w, const Tensor& g, const Tensor& m, const Tensor& v,
                const AdamWStep& step);
// Lion (Chen et al. 2023, arXiv:2302.06675, algorithm 2). All tensors have the same shape; m is
// updated too.
void lion_step(const Tensor& w, const Tensor& g, const Tensor& m, const LionStep& step);

}  // namespace gradus
