// SPDX-License-Identifier: MIT
// Lesson 03: matmul, sum and softmax by loops.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K) {
    for (Index i = 0; i < M; ++i) {
        for (Index j = 0; j < N; ++j) {
            Real sum = 0;
            for (Index k = 0; k < K; ++k) sum += a[i * K + k] * b[k * N + j];
            c[i * N + j] = sum;
        }
    }
}

inline void sum_forward(Real* y, const Real* x, Index outer, Index n, Index inner) {
    for (Index o = 0; o < outer; ++o) {
        for (Index i = 0; i < inner; ++i) {
            Real sum = 0;
            for (Index k = 0; k < n; ++k) sum += x[(o * n + k) * inner + i];
            y[o * inner + i] = sum;
        }
    }
}

inline void softmax_forward(Real* y, const Real* x, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r) {
        const Real* scores = x + r * cols;
        Real* row = y + r * cols;
        const Real largest = *std::max_element(scores, scores + cols);
        Real sum = 0;
        for (Index j = 0; j < cols; ++j) {
            row[j] = std::exp(scores[j] - largest);
            sum += row[j];
        }
        for (Index j = 0; j < cols; ++j) row[j] /= sum;
    }
}

}  // namespace mine
