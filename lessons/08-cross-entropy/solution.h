// SPDX-License-Identifier: MIT
// Lesson 08: cross-entropy.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline void cross_entropy_forward(Real* loss, Real* lse, const Real* x, const int* target,
                                  Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r) {
        const Real* scores = x + r * cols;
        const Real largest = *std::max_element(scores, scores + cols);
        Real sum = 0;
        for (Index j = 0; j < cols; ++j) sum += std::exp(scores[j] - largest);
        lse[r] = largest + std::log(sum);
        loss[r] = target[r] < 0 ? 0 : lse[r] - scores[target[r]];
    }
}

inline void cross_entropy_backward(Real* dx, Real scale, const Real* x, const Real* lse,
                                   const int* target, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r) {
        if (target[r] < 0) continue;
        const Index row = r * cols;
        for (Index j = 0; j < cols; ++j) dx[row + j] += scale * std::exp(x[row + j] - lse[r]);
        dx[row + target[r]] -= scale;
    }
}

}  // namespace mine
