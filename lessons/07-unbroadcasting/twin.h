// SPDX-License-Identifier: MIT
// Lesson 07 by the library: its tensors stretch one axis at a time.
#pragma once

#include "lessons/learn.h"
#include "tensor/ops.h"
#include "tensor/reduce.h"

namespace mine {

inline void broadcast_to(Real* y, const std::vector<Index>& y_shape, const Real* x,
                         const std::vector<Index>& x_shape) {
    using namespace gradus;
    const Shape from(x_shape);
    const Tensor numbers = Tensor::from(from, std::vector<Real>(x, x + from.count()));
    const Tensor wide = gradus::broadcast_to(numbers, Shape(y_shape));
    std::copy(wide.data(), wide.data() + wide.count(), y);
}

inline Index source(Index at, const std::vector<Index>& y_shape,
                    const std::vector<Index>& x_shape) {
    const gradus::Shape from(x_shape), to(y_shape);
    std::vector<Real> places, wide(static_cast<std::size_t>(to.count()));
    for (Index i = 0; i < from.count(); ++i) places.push_back(static_cast<Real>(i));
    broadcast_to(wide.data(), y_shape, places.data(), x_shape);
    return static_cast<Index>(wide[at]);
}

inline void sum_to(Real* dx, const std::vector<Index>& x_shape, const Real* dy,
                   const std::vector<Index>& y_shape) {
    using namespace gradus;
    const Shape to(y_shape);
    const Tensor numbers = Tensor::from(to, std::vector<Real>(dy, dy + to.count()));
    const Tensor sums = gradus::sum_to(numbers, Shape(x_shape));
    for (Index i = 0; i < sums.count(); ++i) dx[i] += sums[i];
}

inline void sum_backward(Real* dx, const Real* dy, Index outer, Index n, Index inner) {
    gradus::ops().sum_backward(dx, dy, outer, n, inner);
}

}  // namespace mine
