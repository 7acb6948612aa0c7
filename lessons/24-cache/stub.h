// SPDX-License-Identifier: MIT
// Lesson 24: remember what you said. The text is lessons/24-cache/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 24
#pragma once

#include "lessons/24-cache/given.h"

namespace mine {

// Adds one place to the cache, after those it holds: its key k and its value v, C numbers each.
// cache.k and cache.v then have C numbers more, and cache.length is greater by 1.
inline void append(Cache& cache, const Real* k, const Real* v, Index C) {
    unfinished("append");  // TODO
}

// One query per head looks at all places in the cache. C = NH HS: in q, in y and in each row of the
// cache the heads lie side by side, HS numbers each. y is overwritten.
inline void attend(Real* y, const Real* q, const Cache& cache, Index NH, Index HS) {
    unfinished("attend");  // TODO: for each head, copy its keys and values, then attention
}

// The whole GPT for one more token. Its position is the number of places in the caches, of which each
// block has one; afterwards each holds this place, too. -> (1, V), the scores of the next token.
inline Tensor next_scores(const GptWeights& gpt, std::vector<Cache>& caches, int token) {
    unfinished("next_scores");  // TODO
}

// Reads ids, at least one, after what the caches hold. -> (1, V), the scores after the last of them.
inline Tensor read(const GptWeights& gpt, std::vector<Cache>& caches, const std::vector<int>& ids) {
    unfinished("read");  // TODO
}

}  // namespace mine
