// SPDX-License-Identifier: MIT
// Lesson 23's loop, for the programs that run on it: the learner's if it has passed, else the
// solution's.
#pragma once

#include "lessons/23-sampling/given.h"

namespace gradus::lessons {

std::vector<int> your_writing(const Next& next, const std::vector<int>& ids, Index n, int end,
                              const Settings& settings, const Uniform& uniform);

}  // namespace gradus::lessons
