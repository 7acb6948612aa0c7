// SPDX-License-Identifier: MIT
// Lesson 16: attention. The text is lessons/16-attention/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 16
#pragma once

#include "lessons/16-attention/given.h"

namespace mine {

// s[i, j] = how well query i fits key j: their dot product / sqrt(HS).
// q: (Tq, HS), k: (Tk, HS), s: (Tq, Tk). Element c of query i lies at q[i * HS + c].
// s is overwritten.
inline void attention_scores(Real* s, const Real* q, const Real* k, Index Tq, Index Tk, Index HS) {
    unfinished("attention_scores");  // TODO
}

// Row i of y = all rows of v added up, row j with the weight p[i, j].
// p: (Tq, Tk), v: (Tk, VS), y: (Tq, VS). y is overwritten.
inline void mix(Real* y, const Real* p, const Real* v, Index Tq, Index Tk, Index VS) {
    unfinished("mix");  // TODO
}

// The scores, softmax of each row of them -> p, and the mixture of the values -> y.
// q: (Tq, HS), k: (Tk, HS), v: (Tk, VS), p: (Tq, Tk), y: (Tq, VS). p and y are overwritten: the
// caller provides their memory. softmax_forward(p, scores, Tq, Tk) writes p.
inline void attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index Tq,
                      Index Tk, Index HS, Index VS) {
    unfinished("attention");  // TODO: memory for the scores, your two functions, softmax_forward
}

// One head: every place of x makes a query, a key and a value of itself, and looks at all places.
// x: (T, C), Wq: (C, HS), Wk: (C, HS), Wv: (C, VS) -> (T, VS)
inline Tensor head(const Tensor& x, const Tensor& Wq, const Tensor& Wk, const Tensor& Wv) {
    unfinished("head");  // TODO: three products, memory for p (T, T) and y (T, VS), attention
}

}  // namespace mine
