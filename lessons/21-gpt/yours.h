// SPDX-License-Identifier: MIT
// The GPT of lesson 21, for the lessons that run on it: the learner's if it has passed, else the
// solution's.
#pragma once

#include "lessons/21-gpt/given.h"

namespace gradus::lessons {

// With its first weights, the same for the same seed.
AnyGpt your_gpt(const Sizes& sizes, std::uint64_t seed);

}  // namespace gradus::lessons
