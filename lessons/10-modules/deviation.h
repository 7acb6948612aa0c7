// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tensor/tensor.h"

namespace gradus::lesson_10 {

// The standard deviation of all numbers of x: how far they lie from their mean, typically.
inline double deviation(const Tensor& x) {
    double sum = 0, squares = 0;
    for (Index i = 0; i < x.count(); ++i) sum += x[i], squares += x[i] * x[i];
    const auto n = static_cast<double>(x.count());
    return std::sqrt(squares / n - sum / n * (sum / n));
}

}  // namespace gradus::lesson_10
