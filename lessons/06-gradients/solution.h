// SPDX-License-Identifier: MIT
// Lesson 06: tensor gradients.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline constexpr Real kRoot = 0.7978845608028654;  // sqrt(2 / pi), of gelu
inline constexpr Real kCube = 0.044715;            // of gelu

inline void tanh_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = std::tanh(x[i]);
}

inline void tanh_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] * (1 - y[i] * y[i]);
}

inline void gelu_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real inside = kRoot * (x[i] + kCube * x[i] * x[i] * x[i]);
        y[i] = x[i] / 2 * (1 + std::tanh(inside));
    }
}

inline void gelu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real square = x[i] * x[i];
        const Real t = std::tanh(kRoot * (x[i] + kCube * square * x[i]));
        const Real inner = kRoot * (1 + 3 * kCube * square);
        const Real slope = (1 + t) / 2 + x[i] / 2 * (1 - t * t) * inner;
        dx[i] += dy[i] * slope;
    }
}

inline void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b,
                            Index M, Index N, Index K) {
    for (Index i = 0; i < M; ++i) {
        for (Index j = 0; j < N; ++j) {
            for (Index k = 0; k < K; ++k) {
                da[i * K + k] += dc[i * N + j] * b[k * N + j];
                db[k * N + j] += dc[i * N + j] * a[i * K + k];
            }
        }
    }
}

inline void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r) {
        const Index row = r * cols;
        Real average = 0;
        for (Index j = 0; j < cols; ++j) average += y[row + j] * dy[row + j];
        for (Index j = 0; j < cols; ++j) dx[row + j] += y[row + j] * (dy[row + j] - average);
    }
}

}  // namespace mine
