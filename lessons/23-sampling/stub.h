// SPDX-License-Identifier: MIT
// Lesson 23: talk to it. The text is lessons/23-sampling/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 23
#pragma once

#include "lessons/23-sampling/given.h"

namespace mine {

// p = softmax(scores / temperature). Temperature 0: 1 for the largest score, the first one if several
// are the largest, and 0 for all others.   scores, p: V numbers. p is overwritten.
inline void soften(Real* p, const Real* scores, Index V, Real temperature) {
    unfinished("soften");  // TODO
}

// Keeps the k likeliest of the V probabilities, sets the others to 0 and divides by the sum of what
// is left. Of equally likely ones the first are kept. k = 0, or V and more, keeps all.
inline void top_k(Real* p, Index V, Index k) {
    unfinished("top_k");  // TODO
}

// The same for the smallest number of likeliest tokens whose sum reaches `mass` (0 to 1): the one
// that crosses it is kept. At least one is kept; mass = 1 keeps all.
inline void top_p(Real* p, Index V, Real mass) {
    unfinished("top_p");  // TODO
}

// Temperature, then top-k, then top-p.   scores, p: V numbers. p is overwritten.
inline void token_probabilities(Real* p, const Real* scores, Index V, const Settings& settings) {
    unfinished("token_probabilities");  // TODO
}

// At most n more tokens after ids (at least one): scores, probabilities, sample_row at a new random
// number (also at temperature 0), append; up to and including the token `end`. Returns the new tokens
// only.
inline std::vector<int> write(const Next& next, std::vector<int> ids, Index n, int end,
                              const Settings& settings, const Uniform& uniform) {
    unfinished("write");  // TODO
}

}  // namespace mine
