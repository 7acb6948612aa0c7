// SPDX-License-Identifier: MIT
// Lesson 01's sampling, for the lessons that run on it: the learner's if it has passed, else the
// solution's.
#pragma once

#include "lessons/learn.h"

namespace gradus::lessons {

Index your_sample_row(const Real* row, Index V, Real u);

}  // namespace gradus::lessons
