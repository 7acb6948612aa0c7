// SPDX-License-Identifier: MIT
// Softmax over the last axis, and its gradient.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

// y = exp(x) / sum exp(x) over the last axis, with the row's maximum subtracted first, so that
// large logits stay finite. x, y: (..., n), n >= 1.
Tensor softmax_forward(const Tensor& x);

// dx += y (dy - sum(y dy)): the Jacobian is diag(y) - y y^T, which is never built.
void softmax_backward(const Tensor& dy, const Tensor& y, const Tensor& dx);

}  // namespace gradus
