// SPDX-License-Identifier: MIT
// Sums over axes, and their mirror image: broadcasting. Each is the gradient of the other.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

Tensor sum_all(const Tensor& x);             // ()
Tensor sum_axis(const Tensor& x, int axis);  // with that axis removed

// x broadcast to `shape` by NumPy's rule; x itself if it already has that shape. Throws if the rule
// does not allow it.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
// The gradient of broadcast_to: the sum over every axis along which a tensor of `shape` was
// broadcast to x's shape; x itself if there is no such axis. sum_to(ones(2, 3), (3,)) is (2, 2, 2).
Tensor sum_to(const Tensor& x, const Shape& shape);

double sum_squares(const Tensor& x);  // sum of x^2, in double

// The gradients of sum_axis and sum_all: dx += dy, repeated along the axis that was summed, or
// along all axes.
void sum_axis_backward(const Tensor& dy, int axis, const Tensor& dx);
void sum_all_backward(const Tensor& dy, const Tensor& dx);

}  // namespace gradus
