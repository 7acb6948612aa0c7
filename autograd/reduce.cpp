// SPDX-License-Identifier: MIT
#include "autograd/reduce.h"

#include "autograd/elementwise.h"
#include "tensor/elementwise.h"
#include "tensor/reduce.h"

namespace gradus {

Variable sum(const Variable& x) {
    return record("sum", sum_all(x.value()), {x},
                  [x](const Tensor& dy) { sum_all_backward(dy, x.grad()); });
}

Variable sum(const Variable& x, int axis) {
    return record("sum_axis", sum_axis(x.value(), axis), {x},
                  [x, axis](const Tensor& dy) { sum_axis_backward(dy, axis, x.grad()); });
}

Variable mean(const Variable& x) {
    require(x.value().count() > 0, "mean: no elements to average, shape is {}", x.shape());
    return mul_scalar(sum(x), 1 / static_cast<Real>(x.value().count()));
}

Variable mean(const Variable& x, int axis) {
    require(x.size(axis) > 0, "mean: axis {} of {} is empty", axis, x.shape());
    return mul_scalar(sum(x, axis), 1 / static_cast<Real>(x.size(axis)));
}

Variable broadcast_to(const Variable& x, const Shape& shape) {
    return record("broadcast_to", broadcast_to(x.value(), shape), {x},
                  [x](const Tensor& dy) { add_scaled(x.grad(), sum_to(dy, x.shape())); });
}

}  // namespace gradus
