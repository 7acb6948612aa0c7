// SPDX-License-Identifier: MIT
// Lesson 01: a language model by counting.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline void count_pairs(Real* counts, const int* text, Index n, Index V) {
    Index previous = 0;
    for (Index i = 0; i < n; ++i) {
        counts[previous * V + text[i]] += 1;
        previous = text[i];
    }
    counts[previous * V] += 1;
}

inline void normalise_rows(Real* p, const Real* counts, Index V, Real smoothing) {
    for (Index a = 0; a < V; ++a) {
        Real sum = 0;
        for (Index b = 0; b < V; ++b) sum += counts[a * V + b] + smoothing;
        for (Index b = 0; b < V; ++b) p[a * V + b] = (counts[a * V + b] + smoothing) / sum;
    }
}

inline Real negative_log_likelihood(const Real* p, const int* text, Index n, Index V) {
    Real sum = 0;
    Index before = 0;
    for (Index i = 0; i < n; ++i) {
        sum -= std::log(p[before * V + text[i]]);
        before = text[i];
    }
    sum -= std::log(p[before * V]);
    return sum / (n + 1);
}

inline Index sample_row(const Real* row, Index V, Real u) {
    Real reached = 0;
    for (Index j = 0; j < V; ++j) {
        reached += row[j];
        if (u < reached) return j;
    }
    return V - 1;
}

}  // namespace mine
