// SPDX-License-Identifier: MIT
// Layer normalisation over the last axis and its gradient (Ba, Kiros, Hinton 2016,
// arXiv:1607.06450, eq. 3-4).
#pragma once

#include "tensor/tensor.h"

namespace gradus {

constexpr Real kNormEps = Real(1e-5);  // as in GPT-2

struct LayerNormForward {
    Tensor y;
    Tensor mean, rstd;  // (rows): mean and 1 / sqrt(variance + eps) of each row, kept for backward
};

// y = gain (x - mean) / sqrt(variance + eps) + bias. x, y: (..., C); gain: (C); bias: (C) or
// undefined.
LayerNormForward layer_norm_forward(const Tensor& x, const Tensor& gain, const Tensor& bias,
                                    Real eps = kNormEps);

// Accumulates into dx (..., C), dgain (C) and, if the layer has a bias, dbias (C).
void layer_norm_backward(const Tensor& dy, const Tensor& x, const LayerNormForward& forward,
                         const Tensor& gain, const Tensor& dx, const Tensor& dgain,
                         const Tensor& dbias);

}  // namespace gradus
