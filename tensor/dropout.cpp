// SPDX-License-Identifier: MIT
#include "tensor/dropout.h"

#include "tensor/dropout_mask.h"
#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void dropout_forward(Real* y, const Real* x, Real rate, std::uint64_t key, Index n) {
    const auto threshold = dropout_threshold(rate);
    for (Index i = 0; i < n; ++i)
        y[i] = dropout_keeps(key, static_cast<std::uint64_t>(i), threshold)
                   ? x[i] * (1 / (1 - rate))
                   : 0;
}

void dropout_backward(Real* dx, const Real* dy, Real rate, std::uint64_t key, Index n) {
    const auto threshold = dropout_threshold(rate);
    for (Index i = 0; i < n; ++i)
        if (dropout_keeps(key, static_cast<std::uint64_t>(i), threshold))
            dx[i] += dy[i] * (1 / (1 - rate));
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

Tensor dropout_forward(const Tensor& x, Real rate, std::uint64_t key) {
    require_defined("dropout", x);
    require(rate >= 0 && rate < 1, "dropout: rate {} is not in [0, 1)", rate);
    Tensor y = Tensor::empty(x.shape());
    ops().dropout_forward(y.data(), x.data(), rate, key, x.count());
    return y;
}

void dropout_backward(const Tensor& dy, Real rate, std::uint64_t key, const Tensor& dx) {
    require(dy.shape() == dx.shape(), "dropout_backward: shapes differ: dy {}, dx {}", dy.shape(),
            dx.shape());
    ops().dropout_backward(dx.data(), dy.data(), rate, key, dx.count());
}

}  // namespace gradus
