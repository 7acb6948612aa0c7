// SPDX-License-Identifier: MIT
// Lesson 15's tokens, for the programs that run on them: the learner's if they have passed, else the
// solution's.
#pragma once

#include "lessons/15-tokens/given.h"

namespace gradus::lessons {

Merges your_merges(const std::string& text, int n);
std::vector<int> your_encode(const std::string& text, const Merges& merges);

}  // namespace gradus::lessons
