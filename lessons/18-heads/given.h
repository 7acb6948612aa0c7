// SPDX-License-Identifier: MIT
// Lesson 18, given: attention of one head, and the gradient of softmax.
#pragma once

#include "lessons/17-mask/yours.h"
#include "lessons/learn.h"

namespace gradus::lessons {

// Yours of lesson 17, or the solution's.   q, k: (T, HS), v: (T, VS), p: (T, T), y: (T, VS)
inline void causal_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                             Index HS, Index VS) {
    your_causal_attention(y, p, q, k, v, T, HS, VS);
}

// The gradient of softmax of each row: dx += ..., from dy and the results y, all (rows, cols).
// Yours of lesson 06 or, until that passes, the library's.
void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols);

}  // namespace gradus::lessons

using gradus::lessons::causal_attention;
using gradus::lessons::softmax_backward;
