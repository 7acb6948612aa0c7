// SPDX-License-Identifier: MIT
// What this lesson puts into the library's table, for its check to try.
#pragma once

#include "tensor/real.h"

namespace gradus::lesson_23 {

// As ops().token_weights (tensor/ops.inc), by the learner's token_probabilities.
void token_weights(double* weights, const Real* scores, Index V, Real temperature, Index top_k,
                   Real top_p);

}  // namespace gradus::lesson_23
