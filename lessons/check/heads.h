// SPDX-License-Identifier: MIT
// From the library's attention, whose sequences and heads lie between one another, to the learner's:
// plain arrays of a sequence and a head at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/attention_shape.h"

namespace gradus::lessons {

// Whether this is what the learner's causal attention computes: as many queries as keys, each sees
// those up to its own place, scores divided by the root, nothing added or dropped.
inline bool plain_causal(const AttentionShape& a, const Real* bias) {
    return !bias && a.dropout == 0 && !a.offset && !a.queries && !a.keys && a.Tq == a.Tk &&
           a.heads == a.kv_heads && a.key_size == a.value_size && a.after == 0 &&
           a.before >= a.Tk &&
           std::abs(a.scale * std::sqrt(static_cast<Real>(a.key_size)) - 1) < Real(1e-5);
}

// The vectors of all heads of sequence b, a row of heads * size numbers for each of T places.
inline std::vector<Real> rows_of(const Real* x, const HeadStrides& strides, Index b, Index T,
                                 Index heads, Index size) {
    std::vector<Real> rows(static_cast<std::size_t>(T * heads * size));
    for (Index t = 0; t < T; ++t)
        for (Index h = 0; h < heads; ++h)
            std::copy_n(x + b * strides.batch + t * strides.position + h * strides.head, size,
                        &rows[(t * heads + h) * size]);
    return rows;
}

// The way back: adds such rows to x.
inline void add_rows(Real* x, const std::vector<Real>& rows, const HeadStrides& strides, Index b,
                     Index T, Index heads, Index size) {
    for (Index t = 0; t < T; ++t)
        for (Index h = 0; h < heads; ++h)
            for (Index c = 0; c < size; ++c)
                x[b * strides.batch + t * strides.position + h * strides.head + c] +=
                    rows[(t * heads + h) * size + c];
}

// The log of a softmax's denominator, from its scores' vectors and its results: p = exp(score - lse)
// for each key, here for the one with the largest p, which is never 0.
inline Real denominator(const Real* query, const Real* keys, const Real* p, Index T, Index HS,
                        Index stride) {
    const Index j = std::max_element(p, p + T) - p;
    Real score = 0;
    for (Index c = 0; c < HS; ++c) score += query[c] * keys[j * stride + c];
    return score / std::sqrt(static_cast<Real>(HS)) - std::log(p[j]);
}

}  // namespace gradus::lessons
