// SPDX-License-Identifier: MIT
// Permuting axes, and slicing and joining along any of them. Tensors are contiguous, so each is one
// strided copy.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace gradus {

// Axis i of the result is axis order[i] of x: permute(x, {0, 2, 1}) swaps the last two of three.
// Throws std::invalid_argument unless every axis is listed exactly once.
Tensor permute_forward(const Tensor& x, const std::vector<int>& order);
void permute_backward(const Tensor& dy, const std::vector<int>& order, const Tensor& dx);

// The indices begin, ..., end - 1 of one axis. Throws std::invalid_argument if they do not exist.
Tensor slice_forward(const Tensor& x, int axis, Index begin, Index end);
void slice_backward(const Tensor& dy, int axis, Index begin, const Tensor& dx);

// Joins the parts along one axis. Throws std::invalid_argument unless they agree in all others.
Tensor concat_forward(const std::vector<Tensor>& parts, int axis);

}  // namespace gradus
