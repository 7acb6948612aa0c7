// SPDX-License-Identifier: MIT
// Lesson 17: no peeking. The text is lessons/17-mask/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 17
#pragma once

#include "lessons/17-mask/given.h"

namespace mine {

// Sets the score of every key that comes after its query to kMinusInfinity; all others stay as they
// are. s: (T, T), the score of query i and key j lies at s[i * T + j].
inline void mask_future(Real* s, Index T) {
    unfinished("mask_future");  // TODO
}

// Attention in which place i sees the places 0 to i: scores, your mask, softmax -> p, mixture -> y.
// q, k: (T, HS), v: (T, VS), p: (T, T), y: (T, VS). p and y are overwritten.
inline void causal_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                             Index HS, Index VS) {
    unfinished("causal_attention");  // TODO: memory for T * T scores, then four calls
}

// The first place of x (T, C) whose result changes when the places after it change; T if there is
// none. layer(x) gives the results, a tensor (T, OUT). x is left as it was.
// T is x.size(0), C is x.size(1); number c of place t lies at x[t * C + c].
inline Index first_leak(const AnyLayer& layer, const Tensor& x) {
    unfinished("first_leak");  // TODO: for each place, change what comes after it, in a copy of x
}

}  // namespace mine
