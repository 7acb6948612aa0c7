// SPDX-License-Identifier: MIT
#include "autograd/cross_entropy.h"

#include "tensor/cross_entropy.h"

namespace gradus {

Variable cross_entropy(const Variable& logits, const Tokens& targets) {
    CrossEntropyForward f = cross_entropy_forward(logits.value(), targets);
    return record("cross_entropy", f.loss, {logits}, [logits, f, targets](const Tensor& dloss) {
        cross_entropy_backward(dloss, logits.value(), f, targets, logits.grad());
    });
}

}  // namespace gradus
