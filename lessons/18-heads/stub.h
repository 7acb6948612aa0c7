// SPDX-License-Identifier: MIT
// Lesson 18: many heads, and backwards. The text is lessons/18-heads/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 18
#pragma once

#include "lessons/18-heads/given.h"

namespace mine {

// From places to heads. x: (T, NH HS), a row for each place, in it the heads' numbers side by side:
// number c of head h in place t lies at x[(t * NH + h) * HS + c].
// y: (NH, T, HS), head after head, each with a row for each place. y is overwritten.
inline void split_heads(Real* y, const Real* x, Index T, Index NH, Index HS) {
    unfinished("split_heads");  // TODO
}

// The way back, from heads to places. x: (NH, T, HS), y: (T, NH HS). y is overwritten.
inline void merge_heads(Real* y, const Real* x, Index T, Index NH, Index HS) {
    unfinished("merge_heads");  // TODO
}

// NH heads side by side: each works on its own part of q, k and v, and gives its part of y.
// q, k, v: (T, NH HS), y: (T, NH HS), p: (NH, T, T), the weights of one head after those of another.
// p and y are overwritten.
inline void multi_head(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                       Index NH, Index HS) {
    unfinished("multi_head");  // TODO: memory, split, causal_attention for each head, merge
}

// Backwards through mix, y = p v. The gradients are added to dp (Tq, Tk) and dv (Tk, VS).
// dy: (Tq, VS), p: (Tq, Tk), v: (Tk, VS).
inline void mix_backward(Real* dp, Real* dv, const Real* dy, const Real* p, const Real* v, Index Tq,
                         Index Tk, Index VS) {
    unfinished("mix_backward");  // TODO
}

// Backwards through attention_scores, s = q k^T / sqrt(HS). The gradients are added to dq (Tq, HS)
// and dk (Tk, HS).
// ds: (Tq, Tk), q: (Tq, HS), k: (Tk, HS).
inline void scores_backward(Real* dq, Real* dk, const Real* ds, const Real* q, const Real* k,
                            Index Tq, Index Tk, Index HS) {
    unfinished("scores_backward");  // TODO
}

// Backwards through the attention of one head. The gradients are added to dq (Tq, HS), dk (Tk, HS)
// and dv (Tk, VS).
// dy: (Tq, VS); p: (Tq, Tk), the weights of the forward pass, 0 where a key was masked;
// q: (Tq, HS), k: (Tk, HS), v: (Tk, VS).
inline void attention_backward(Real* dq, Real* dk, Real* dv, const Real* dy, const Real* p,
                               const Real* q, const Real* k, const Real* v, Index Tq, Index Tk,
                               Index HS, Index VS) {
    unfinished("attention_backward");  // TODO: backwards through mix, softmax and the scores
}

}  // namespace mine
