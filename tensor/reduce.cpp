// SPDX-License-Identifier: MIT
#include "tensor/reduce.h"

#include <vector>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void sum_forward(Real* y, const Real* x, Index outer, Index n, Index inner) {
    for (Index o = 0; o < outer; ++o) {
        for (Index i = 0; i < inner; ++i) {
            Real sum = 0;
            for (Index j = 0; j < n; ++j) sum += x[(o * n + j) * inner + i];
            y[o * inner + i] = sum;
        }
    }
}

// The forward pass did y[o,i] += x[o,j,i] for every j, so each of the n terms receives all of dy.
void sum_backward(Real* dx, const Real* dy, Index outer, Index n, Index inner) {
    add_broadcast(dx, dy, outer, n, inner);
}

void add_broadcast(Real* y, const Real* x, Index outer, Index n, Index inner) {
    for (Index o = 0; o < outer; ++o)
        for (Index j = 0; j < n; ++j)
            for (Index i = 0; i < inner; ++i) y[(o * n + j) * inner + i] += x[o * inner + i];
}

void sum_squares(double* result, const Real* x, Index n) {
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += double{x[i]} * x[i];
    *result = sum;
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

struct View {
    Index outer, n, inner;
};

// The shape as three axes, with axes [first, last) merged into the middle one.
View view(const Shape& shape, int first, int last) {
    View v{1, 1, 1};
    for (int a = 0; a < shape.rank(); ++a)
        (a < first ? v.outer : a < last ? v.n : v.inner) *= shape[a];
    return v;
}

}  // namespace

Tensor sum_all(const Tensor& x) {
    require_defined("sum", x);
    Tensor y = Tensor::empty({});
    ops().sum_forward(y.data(), x.data(), 1, x.count(), 1);
    return y;
}

void sum_all_backward(const Tensor& dy, const Tensor& dx) {
    ops().sum_backward(dx.data(), dy.data(), 1, dx.count(), 1);
}

Tensor sum_axis(const Tensor& x, int axis) {
    axis = x.shape().axis(axis);
    const auto [outer, n, inner] = view(x.shape(), axis, axis + 1);
    Tensor y = Tensor::empty(x.shape().without(axis));
    ops().sum_forward(y.data(), x.data(), outer, n, inner);
    return y;
}

void sum_axis_backward(const Tensor& dy, int axis, const Tensor& dx) {
    axis = dx.shape().axis(axis);
    const auto [outer, n, inner] = view(dx.shape(), axis, axis + 1);
    ops().sum_backward(dx.data(), dy.data(), outer, n, inner);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    require_defined("broadcast_to", x);
    if (x.shape() == shape) return x;
    require(broadcast_shape("broadcast_to", x.shape(), shape) == shape,
            "broadcast_to: {} cannot be broadcast to {}", x.shape(), shape);
    // Last axis first, one at a time, so that blocks of `inner` elements are repeated as a whole.
    Tensor y = x;
    std::vector<Index> sizes(shape.rank(), 1);
    std::copy(x.shape().begin(), x.shape().end(), sizes.end() - x.rank());
    for (int a = shape.rank() - 1; a >= 0; --a) {
        Index& size = sizes[a];
        if (size == shape[a]) continue;
        size = shape[a];
        Tensor wider{Shape(sizes)};
        const auto [outer, n, inner] = view(wider.shape(), a, a + 1);
        ops().add_broadcast(wider.data(), y.data(), outer, n, inner);
        y = wider;
    }
    return y.reshape(shape);
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    require(broadcast_shape("sum_to", shape, x.shape()) == x.shape(),
            "sum_to: {} was never broadcast to {}", shape, x.shape());
    const int missing = x.rank() - shape.rank();
    Tensor y = x;
    for (int a = 0; a < x.rank(); ++a) {
        if (a >= missing && shape[a - missing] == x.size(a)) continue;
        const auto [outer, n, inner] = view(y.shape(), a, a + 1);
        Tensor narrower = Tensor::empty(y.shape().with(a, 1));
        ops().sum_forward(narrower.data(), y.data(), outer, n, inner);
        y = narrower;
    }
    return y.reshape(shape);
}

double sum_squares(const Tensor& x) {
    require_defined("sum_squares", x);
    double result = 0;
    ops().sum_squares(&result, x.data(), x.count());
    return result;
}

}  // namespace gradus
