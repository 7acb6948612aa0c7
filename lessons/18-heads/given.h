// SPDX-License-Identifier: MIT
// Lesson 18, given: attention of one head, and the gradient of softmax.
#pragma once

#include "lessons/06-gradients/yours.h"
#include "lessons/17-mask/yours.h"
#include "lessons/learn.h"
#include "lessons/must_hold.h"

namespace gradus::lessons {

// Yours of lesson 17, or the solution's.   q, k: (T, HS), v: (T, VS), p: (T, T), y: (T, VS)
inline void causal_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                             Index HS, Index VS) {
    must_hold(y, T * VS);
    must_hold(p, T * T);
    must_hold(q, T * HS);
    must_hold(k, T * HS);
    must_hold(v, T * VS);
    your_causal_attention(y, p, q, k, v, T, HS, VS);
}

}  // namespace gradus::lessons

using gradus::lessons::causal_attention;
using gradus::lessons::softmax_backward;
