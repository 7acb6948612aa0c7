// SPDX-License-Identifier: MIT
// Cross-entropy of logits against target indices, in nats (natural logarithm).
#pragma once

#include "tensor/tensor.h"
#include "tensor/tokens.h"

namespace gradus {

struct CrossEntropyForward {
    Tensor loss;    // (): the mean over the rows that have a target, in nats
    Tensor losses;  // (rows): the loss of each row; 0 where there is no target
    Tensor lse;     // (rows): log of the softmax's denominator, kept for backward
    Index counted;  // number of rows that have a target
};

// loss = -log softmax(logits)[target], computed as logsumexp(logits) - logits[target], so logits of
// +-1e4 do not overflow. logits: (..., V), targets: one per row; negative ones are ignored. Throws
// if a target is V or more, or if all are negative.
CrossEntropyForward cross_entropy_forward(const Tensor& logits, const Tokens& targets);

// dlogits += dloss / counted (softmax(logits) - onehot(target)), only in rows that have a target.
// dloss: ().
void cross_entropy_backward(const Tensor& dloss, const Tensor& logits,
                            const CrossEntropyForward& forward, const Tokens& targets,
                            const Tensor& dlogits);

}  // namespace gradus
