// SPDX-License-Identifier: MIT
// Lesson 18: many heads, and backwards.
#pragma once

#include "lessons/18-heads/given.h"

namespace mine {

inline void split_heads(Real* y, const Real* x, Index T, Index NH, Index HS) {
    for (Index h = 0; h < NH; ++h)
        for (Index t = 0; t < T; ++t)
            for (Index c = 0; c < HS; ++c) y[(h * T + t) * HS + c] = x[(t * NH + h) * HS + c];
}

inline void merge_heads(Real* y, const Real* x, Index T, Index NH, Index HS) {
    for (Index h = 0; h < NH; ++h)
        for (Index t = 0; t < T; ++t)
            for (Index c = 0; c < HS; ++c) y[(t * NH + h) * HS + c] = x[(h * T + t) * HS + c];
}

inline void multi_head(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                       Index NH, Index HS) {
    std::vector<Real> qs(NH * T * HS), ks(NH * T * HS), vs(NH * T * HS), ys(NH * T * HS);
    split_heads(qs.data(), q, T, NH, HS);
    split_heads(ks.data(), k, T, NH, HS);
    split_heads(vs.data(), v, T, NH, HS);
    for (Index h = 0; h < NH; ++h) {
        const Index at = h * T * HS;
        causal_attention(&ys[at], p + h * T * T, &qs[at], &ks[at], &vs[at], T, HS, HS);
    }
    merge_heads(y, ys.data(), T, NH, HS);
}

inline void mix_backward(Real* dp, Real* dv, const Real* dy, const Real* p, const Real* v, Index Tq,
                         Index Tk, Index VS) {
    for (Index i = 0; i < Tq; ++i)
        for (Index j = 0; j < Tk; ++j)
            for (Index c = 0; c < VS; ++c) {
                dp[i * Tk + j] += dy[i * VS + c] * v[j * VS + c];
                dv[j * VS + c] += dy[i * VS + c] * p[i * Tk + j];
            }
}

inline void scores_backward(Real* dq, Real* dk, const Real* ds, const Real* q, const Real* k,
                            Index Tq, Index Tk, Index HS) {
    const Real root = std::sqrt(static_cast<Real>(HS));
    for (Index i = 0; i < Tq; ++i)
        for (Index j = 0; j < Tk; ++j) {
            const Real d = ds[i * Tk + j] / root;
            for (Index c = 0; c < HS; ++c) {
                dq[i * HS + c] += d * k[j * HS + c];
                dk[j * HS + c] += d * q[i * HS + c];
            }
        }
}

inline void attention_backward(Real* dq, Real* dk, Real* dv, const Real* dy, const Real* p,
                               const Real* q, const Real* k, const Real* v, Index Tq, Index Tk,
                               Index HS, Index VS) {
    std::vector<Real> dp(Tq * Tk), ds(Tq * Tk);
    mix_backward(dp.data(), dv, dy, p, v, Tq, Tk, VS);
    softmax_backward(ds.data(), dp.data(), p, Tq, Tk);
    scores_backward(dq, dk, ds.data(), q, k, Tq, Tk, HS);
}

}  // namespace mine
