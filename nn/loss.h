// SPDX-License-Identifier: MIT
// What training minimises. Cross-entropy itself is an operation: autograd/cross_entropy.h.
#pragma once

#include "autograd/cross_entropy.h"
#include "autograd/variable.h"

namespace gradus {

// Mean of (prediction - target)^2 over all elements.
Variable mse_loss(const Variable& prediction, const Variable& target);

// Mean of -t log p - (1 - t) log(1 - p) with p = sigmoid(x) of a logit x, computed as
// max(x, 0) - x t + log(1 + e^-|x|), which is stable for any x. targets: 0 or 1 (or in between), in
// the logits' shape.
Variable binary_cross_entropy(const Variable& logits, const Variable& targets);

// Of the rows that have a target, the share whose largest logit is the target's. logits: (..., V).
double accuracy(const Tensor& logits, const Tokens& targets);

}  // namespace gradus
