// SPDX-License-Identifier: MIT
// Lesson 16: attention.
#pragma once

#include "lessons/16-attention/given.h"

namespace mine {

inline void attention_scores(Real* s, const Real* q, const Real* k, Index Tq, Index Tk, Index HS) {
    const Real root = std::sqrt(static_cast<Real>(HS));
    for (Index i = 0; i < Tq; ++i)
        for (Index j = 0; j < Tk; ++j) {
            Real dot = 0;
            for (Index c = 0; c < HS; ++c) dot += q[i * HS + c] * k[j * HS + c];
            s[i * Tk + j] = dot / root;
        }
}

inline void mix(Real* y, const Real* p, const Real* v, Index Tq, Index Tk, Index VS) {
    for (Index i = 0; i < Tq; ++i)
        for (Index c = 0; c < VS; ++c) {
            Real sum = 0;
            for (Index j = 0; j < Tk; ++j) sum += p[i * Tk + j] * v[j * VS + c];
            y[i * VS + c] = sum;
        }
}

inline void attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index Tq,
                      Index Tk, Index HS, Index VS) {
    std::vector<Real> s(Tq * Tk);
    attention_scores(s.data(), q, k, Tq, Tk, HS);
    softmax_forward(p, s.data(), Tq, Tk);
    mix(y, p, v, Tq, Tk, VS);
}

inline Tensor head(const Tensor& x, const Tensor& Wq, const Tensor& Wk, const Tensor& Wv) {
    const Tensor q = matmul(x, Wq), k = matmul(x, Wk), v = matmul(x, Wv);
    const Index T = x.size(0), HS = Wq.size(1), VS = Wv.size(1);
    const Tensor p({T, T}), y({T, VS});
    attention(y.data(), p.data(), q.data(), k.data(), v.data(), T, T, HS, VS);
    return y;
}

}  // namespace mine
