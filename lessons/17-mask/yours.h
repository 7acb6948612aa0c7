// SPDX-License-Identifier: MIT
// Lesson 17's causal attention, for the lessons that run on it: the learner's if it has passed, else
// the solution's.
#pragma once

#include "lessons/learn.h"

namespace gradus::lessons {

// q, k: (T, HS), v: (T, VS), p: (T, T), y: (T, VS)
void your_causal_attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index T,
                           Index HS, Index VS);

}  // namespace gradus::lessons
