// SPDX-License-Identifier: MIT
// Lesson 15, given: the types of tokens and merges.
#pragma once

#include <map>
#include <utility>

#include "lessons/learn.h"

namespace gradus::lessons {

using Pair = std::pair<int, int>;  // two tokens, left and right; Pairs are compared left first
using Merges = std::vector<Pair>;  // merges[i] is the pair that token 256 + i is made of
inline constexpr Pair kNoPair(-1, -1);

}  // namespace gradus::lessons

using gradus::lessons::kNoPair;
using gradus::lessons::Merges;
using gradus::lessons::Pair;
