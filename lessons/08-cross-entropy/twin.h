// SPDX-License-Identifier: MIT
// Lesson 08 by the library.
#pragma once

#include "lessons/learn.h"
#include "tensor/ops.h"

namespace mine {

inline void cross_entropy_forward(Real* loss, Real* lse, const Real* x, const int* target,
                                  Index rows, Index cols) {
    gradus::ops().cross_entropy_forward(loss, lse, x, target, rows, cols);
}

inline void cross_entropy_backward(Real* dx, Real scale, const Real* x, const Real* lse,
                                   const int* target, Index rows, Index cols) {
    gradus::ops().cross_entropy_backward(dx, scale, x, lse, target, rows, cols);
}

}  // namespace mine
