// SPDX-License-Identifier: MIT
// Lesson 03 by the library: what stands in for these functions until they are yours.
#pragma once

#include "lessons/learn.h"
#include "tensor/ops.h"

namespace mine {

inline void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K) {
    gradus::ops().matmul({c}, {a}, {b}, M, N, K);
}

inline void sum_forward(Real* y, const Real* x, Index outer, Index n, Index inner) {
    gradus::ops().sum_forward(y, x, outer, n, inner);
}

inline void softmax_forward(Real* y, const Real* x, Index rows, Index cols) {
    gradus::ops().softmax_forward(y, x, rows, cols);
}

}  // namespace mine
