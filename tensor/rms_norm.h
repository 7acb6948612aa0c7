// SPDX-License-Identifier: MIT
// Root mean square normalisation over the last axis, and its gradient (Zhang, Sennrich 2019,
// arXiv:1910.07467, eq. 4): layer normalisation without the mean and the bias.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

struct RmsNormForward {
    Tensor y;
    Tensor rstd;  // (rows): 1 / sqrt(mean of x^2 + eps) of each row, kept for backward
};

// y = gain x / sqrt(mean of x^2 + eps). x, y: (..., C); gain: (C). Throws std::invalid_argument if
// the sizes differ or eps is negative.
RmsNormForward rms_norm_forward(const Tensor& x, const Tensor& gain, Real eps);

// Accumulates into dx (..., C) and dgain (C).
void rms_norm_backward(const Tensor& dy, const Tensor& x, const RmsNormForward& forward,
                       const Tensor& gain, const Tensor& dx, const Tensor& dgain);

}  // namespace gradus
