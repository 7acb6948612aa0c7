// SPDX-License-Identifier: MIT
// Lesson 06 by the library.
#pragma once

#include "lessons/learn.h"
#include "tensor/ops.h"

namespace mine {

inline void tanh_forward(Real* y, const Real* x, Index n) {
    gradus::ops().tanh_forward(y, x, n);
}

inline void tanh_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    gradus::ops().tanh_backward(dx, dy, y, n);
}

inline void gelu_forward(Real* y, const Real* x, Index n) {
    gradus::ops().gelu_forward(y, x, n);
}

inline void gelu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    gradus::ops().gelu_backward(dx, dy, x, n);
}

inline void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b,
                            Index M, Index N, Index K) {
    constexpr auto add = gradus::Write::accumulate;
    gradus::ops().matmul_backward({da, add}, {db, add}, dc, a, {b}, M, N, K);
}

inline void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
    gradus::ops().softmax_backward(dx, dy, y, rows, cols);
}

}  // namespace mine
