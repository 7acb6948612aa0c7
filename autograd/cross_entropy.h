// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus {

// Mean of -log softmax(logits)[target] in nats; rows with a negative target are ignored.
// logits: (..., V), targets: one per row; result: ().
Variable cross_entropy(const Variable& logits, const Tokens& targets);

}  // namespace gradus
