// SPDX-License-Identifier: MIT
// Lesson 11: AdamW. The text is lessons/11-adamw/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 11
#pragma once

#include "lessons/learn.h"

namespace mine {

// One step on n weights w with gradient g; each weight on its own.
// m and v (n) are the first and second moment: means of g and of its square that forget. They are
// zeros before the first step, and kept from step to step: update them, and store them uncorrected.
// t is the number of this step, counted from 1. What is overwritten: w, m and v.
inline void adamw_step(Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2,
                       Real eps, Real decay, Index t, Index n) {
    unfinished("adamw_step");  // TODO: two corrections, then four lines for each weight
}

}  // namespace mine
