// SPDX-License-Identifier: MIT
#include "nn/loss.h"

#include "autograd/elementwise.h"
#include "autograd/reduce.h"

namespace gradus {

Variable mse_loss(const Variable& prediction, const Variable& target) {
    return mean(square(prediction - target));
}

Variable binary_cross_entropy(const Variable& x, const Variable& targets) {
    require(x.shape() == targets.shape(), "binary_cross_entropy: logits {} and targets {} differ",
            x.shape(), targets.shape());
    const Variable magnitude = relu(x) + relu(-x);  // |x|
    return mean(relu(x) - x * targets + log(exp(-magnitude) + 1));
}

double accuracy(const Tensor& logits, const Tokens& targets) {
    require(logits.rows() == targets.count(), "accuracy: {} targets for logits {}", targets.count(),
            logits.shape());
    const Index V = logits.size(-1);
    Index right = 0, counted = 0;
    for (Index r = 0; r < logits.rows(); ++r) {
        const int target = targets.id[static_cast<std::size_t>(r)];
        if (target < 0) continue;
        ++counted;
        right += argmax(logits.data() + r * V, V) == target;
    }
    require(counted > 0, "accuracy: none of the {} rows has a target", logits.rows());
    return static_cast<double>(right) / static_cast<double>(counted);
}

}  // namespace gradus
