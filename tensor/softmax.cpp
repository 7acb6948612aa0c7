// SPDX-License-Identifier: MIT
#include "tensor/softmax.h"

#include <algorithm>
#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void softmax_forward(Real* y, const Real* x, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, y += cols) {
        const Real max = *std::max_element(x, x + cols);
        Real sum = 0;
        for (Index c = 0; c < cols; ++c) sum += y[c] = std::exp(x[c] - max);
        for (Index c = 0; c < cols; ++c) y[c] /= sum;
    }
}

void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, dx += cols, dy += cols, y += cols) {
        Real dot = 0;
        for (Index c = 0; c < cols; ++c) dot += y[c] * dy[c];
        for (Index c = 0; c < cols; ++c) dx[c] += y[c] * (dy[c] - dot);
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

Tensor softmax_forward(const Tensor& x) {
    require(x.rank() >= 1 && x.size(-1) >= 1,
            "softmax: needs at least one number per row, shape is {}", x.shape());
    Tensor y = Tensor::empty(x.shape());
    ops().softmax_forward(y.data(), x.data(), x.rows(), x.size(-1));
    return y;
}

void softmax_backward(const Tensor& dy, const Tensor& y, const Tensor& dx) {
    require(dy.shape() == y.shape() && dx.shape() == y.shape(),
            "softmax_backward: shapes differ: dy {}, y {}, dx {}", dy.shape(), y.shape(),
            dx.shape());
    ops().softmax_backward(dx.data(), dy.data(), y.data(), y.rows(), y.size(-1));
}

}  // namespace gradus
