// SPDX-License-Identifier: MIT
// Lesson 17: no peeking.
#pragma once

#include "lessons/17-mask/given.h"

namespace mine {

inline void mask_future(Real* s, Index T) {
    for (Index i = 0; i < T; ++i)
        for (Index j = i + 1; j < T; ++j) s[i * T + j] = kMinusInfinity;
}

inline void causal_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                             Index HS, Index VS) {
    std::vector<Real> s(T * T);
    attention_scores(s.data(), q, k, T, T, HS);
    mask_future(s.data(), T);
    softmax_forward(p, s.data(), T, T);
    mix(y, p, v, T, T, VS);
}

inline Index first_leak(const AnyLayer& layer, const Tensor& x) {
    const Tensor y = layer(x);
    const Index T = x.size(0), C = x.size(1), OUT = y.size(1);
    for (Index t = 0; t < T; ++t) {
        const Tensor other = x.clone();
        for (Index i = (t + 1) * C; i < T * C; ++i) other[i] += std::sin(i);
        const Tensor z = layer(other);
        for (Index c = 0; c < OUT; ++c)
            if (z[t * OUT + c] != y[t * OUT + c]) return t;
    }
    return T;
}

}  // namespace mine
