// SPDX-License-Identifier: MIT
// Lesson 17, given: the steps of lesson 16 and softmax on plain arrays, minus infinity, and the
// type of a layer.
#pragma once

#include <functional>
#include <limits>

#include "lessons/03-matmul/yours.h"
#include "lessons/16-attention/yours.h"
#include "lessons/learn.h"
#include "lessons/must_hold.h"
#include "tensor/tensor.h"

namespace gradus::lessons {

// Anything that reads T places and gives T results, x (T, C) -> (T, OUT). A std::function holds
// whatever can be called in this way: a function, a lambda, a whole model.
using AnyLayer = std::function<Tensor(const Tensor& x)>;

// Yours of lesson 16, or the solution's.   q (Tq, HS), k (Tk, HS), v (Tk, VS)
// s[i, j] = the dot product of query i and key j / sqrt(HS).   s (Tq, Tk)
inline void attention_scores(Real* s, const Real* q, const Real* k, Index Tq, Index Tk, Index HS) {
    must_hold(s, Tq * Tk);
    must_hold(q, Tq * HS);
    must_hold(k, Tk * HS);
    your_attention_scores(s, q, k, Tq, Tk, HS);
}
// Row i of y = all rows of v, row j with the weight p[i, j].   p (Tq, Tk), y (Tq, VS)
inline void mix(Real* y, const Real* p, const Real* v, Index Tq, Index Tk, Index VS) {
    must_hold(y, Tq * VS);
    must_hold(p, Tq * Tk);
    must_hold(v, Tk * VS);
    your_mix(y, p, v, Tq, Tk, VS);
}

}  // namespace gradus::lessons

// Minus infinity: smaller than every number.
inline constexpr gradus::Real kMinusInfinity = -std::numeric_limits<gradus::Real>::infinity();

using gradus::Tensor;
using gradus::lessons::AnyLayer;
using gradus::lessons::attention_scores;
using gradus::lessons::mix;
using gradus::lessons::softmax_forward;
