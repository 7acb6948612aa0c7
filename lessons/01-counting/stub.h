// SPDX-License-Identifier: MIT
// Lesson 01: a language model by counting. The text is lessons/01-counting/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 01
#pragma once

#include "lessons/learn.h"

namespace mine {

// Counts the pairs of neighbours in one story. The story is text[0] ... text[n - 1], numbers of
// symbols from 1 to V - 1; n may be 0. Symbol 0, the end, stands before its first and after its
// last, so there are n + 1 pairs. counts (V,V), row after row: "a, then b" is counted at
// [a * V + b].
// Add to what is there: other stories have been counted before this one.
inline void count_pairs(Real* counts, const int* text, Index n, Index V) {
    unfinished("count_pairs");  // TODO
}

// p (V,V): each row of counts (V,V), smoothing added to every entry, divided by its sum. So each
// row of p has sum 1. p holds anything when you get it: overwrite it. counts stays as it is. Where
// smoothing is 0, no row of counts is all 0.
inline void normalise_rows(Real* p, const Real* counts, Index V, Real smoothing) {
    unfinished("normalise_rows");  // TODO
}

// The mean of -ln p[a, b] over the n + 1 pairs of the story, the same pairs as in count_pairs. ln
// is std::log.
inline Real negative_log_likelihood(const Real* p, const int* text, Index n, Index V) {
    unfinished("negative_log_likelihood");  // TODO
}

// Draws a symbol from row[0] ... row[V - 1], probabilities with sum 1. u is a random number from 0
// up to, not including, 1. Returns the first j with u < row[0] + ... + row[j]; V - 1 if rounding
// leaves none.
inline Index sample_row(const Real* row, Index V, Real u) {
    unfinished("sample_row");  // TODO
}

}  // namespace mine
