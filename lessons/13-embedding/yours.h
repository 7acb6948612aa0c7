// SPDX-License-Identifier: MIT
// The embedding of lesson 13 and its batches, for what runs on them: the learner's if it has passed, else
// the solution's.
#pragma once

#include <vector>

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus::lessons {

// table (V, C), ids (N, K) -> (N, K, C)
Variable your_embedding(const Variable& table, const Tokens& ids);

struct Examples;
// The T tokens of the text from each start on, and the tokens one place later: both (B, T).
Examples your_batch(const std::vector<int>& text, const std::vector<Index>& starts, Index T);

}  // namespace gradus::lessons
