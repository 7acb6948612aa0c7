// SPDX-License-Identifier: MIT
#include "tensor/cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void cross_entropy_forward(Real* loss, Real* lse, const Real* x, const int* target, Index rows,
                           Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols) {
        const Real max = *std::max_element(x, x + cols);
        Real sum = 0;
        for (Index c = 0; c < cols; ++c) sum += std::exp(x[c] - max);
        lse[r] = max + std::log(sum);
        loss[r] = target[r] < 0 ? 0 : lse[r] - x[target[r]];
    }
}

void cross_entropy_backward(Real* dx, Real scale, const Real* x, const Real* lse, const int* target,
                            Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, dx += cols) {
        if (target[r] < 0) continue;
        for (Index c = 0; c < cols; ++c) dx[c] += scale * std::exp(x[c] - lse[r]);
        dx[target[r]] -= scale;
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

CrossEntropyForward cross_entropy_forward(const Tensor& logits, const Tokens& targets) {
    require(logits.rank() >= 1 && logits.rows() == targets.count(),
            "cross_entropy: {} targets for logits {} (one per row of the last axis)",
            targets.count(), logits.shape());
    const Index rows = logits.rows(), V = logits.size(-1);
    Index counted = 0;
    for (int target : targets.id) {
        require(target < V, "cross_entropy: target {} is not one of the {} classes of logits {}",
                target, V, logits.shape());
        counted += target >= 0;
    }
    require(counted > 0, "cross_entropy: none of the {} rows has a target", rows);
    CrossEntropyForward f{Tensor::empty({}), Tensor::empty({rows}), Tensor::empty({rows}), counted};
    ops().cross_entropy_forward(f.losses.data(), f.lse.data(), logits.data(), targets.id.data(),
                                rows, V);
    // In double and in order, so that rounding in a long sum hardly affects the reported loss.
    double sum = 0;
    for (Index r = 0; r < rows; ++r) sum += f.losses[r];
    f.loss[0] = static_cast<Real>(sum / static_cast<double>(counted));
    return f;
}

void cross_entropy_backward(const Tensor& dloss, const Tensor& logits, const CrossEntropyForward& f,
                            const Tokens& targets, const Tensor& dlogits) {
    const Real share = dloss.item() / static_cast<Real>(f.counted);
    ops().cross_entropy_backward(dlogits.data(), share, logits.data(), f.lse.data(),
                                 targets.id.data(), logits.rows(), logits.size(-1));
}

}  // namespace gradus
