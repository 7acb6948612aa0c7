// SPDX-License-Identifier: MIT
// Dropout (Srivastava et al. 2014), inverted: the elements that are kept are scaled up during
// training, so evaluation needs no change.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

// y = x / (1 - rate) with probability 1 - rate, else 0. Throws unless 0 <= rate < 1.
Tensor dropout_forward(const Tensor& x, Real rate, std::uint64_t key);
// dx += dy / (1 - rate) where the element was kept; the mask is recomputed from the key.
void dropout_backward(const Tensor& dy, Real rate, std::uint64_t key, const Tensor& dx);

}  // namespace gradus
