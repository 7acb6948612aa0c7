// SPDX-License-Identifier: MIT
// The functions of lesson 16, for the lessons that run on them: the learner's if they have passed,
// else the solution's.
#pragma once

#include "lessons/learn.h"

namespace gradus::lessons {

// s[i, j] = the dot product of query i and key j / sqrt(HS).   q (Tq, HS), k (Tk, HS) -> s (Tq, Tk)
void your_attention_scores(Real* s, const Real* q, const Real* k, Index Tq, Index Tk, Index HS);

// Row i of y = all rows of v, row j with the weight p[i, j].   p (Tq, Tk), v (Tk, VS) -> y (Tq, VS)
void your_mix(Real* y, const Real* p, const Real* v, Index Tq, Index Tk, Index VS);

// Scores, softmax -> p, mixture -> y.   p (Tq, Tk), y (Tq, VS)
void your_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index Tq,
                    Index Tk, Index HS, Index VS);

}  // namespace gradus::lessons
