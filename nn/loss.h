// SPDX-License-Identifier: MIT
// Losses to minimise, and accuracy. Cross-entropy itself is an operation: autograd/cross_entropy.h.
#pragma once

#include "autograd/cross_entropy.h"
#include "autograd/variable.h"

namespace gradus {

// Mean of (prediction - target)^2 over all elements.
Variable mse_loss(const Variable& prediction, const Variable& target);

// Mean of -t log p - (1 - t) log(1 - p), where p = sigmoid(x) for a logit x and its target t,
// computed as max(x, 0) - x t + log(1 + e^-|x|), which is stable for any x. targets: of the same
// shape as the logits, each from 0 to 1.
Variable binary_cross_entropy(const Variable& logits, const Variable& targets);

// The fraction of rows whose largest logit is the target's; rows without a target are ignored.
// logits: (..., V).
double accuracy(const Tensor& logits, const Tokens& targets);

}  // namespace gradus
