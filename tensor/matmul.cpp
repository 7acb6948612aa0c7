// SPDX-License-Identifier: MIT
// The three loops that everything else is measured against, and the checked functions on tensors.
// The fast version is kernels/matmul.cpp.
#include "tensor/matmul.h"

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
            bool transpose_b, bool accumulate) {
    for (Index m = 0; m < M; ++m) {
        for (Index n = 0; n < N; ++n) {
            Real sum = 0;  // row m of a times column n of b
            for (Index k = 0; k < K; ++k)
                sum +=
                    a[transpose_a ? k * M + m : m * K + k] * b[transpose_b ? n * K + k : k * N + n];
            c[m * N + n] = accumulate ? c[m * N + n] + sum : sum;
        }
    }
}

void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                     Index N, Index K, bool transpose_b) {
    // In the forward pass this was c[m,n] += a[m,k] b[k,n], so each product hands its dc to both
    // factors.
    for (Index m = 0; m < M; ++m) {
        for (Index n = 0; n < N; ++n) {
            for (Index k = 0; k < K; ++k) {
                const Index kn = transpose_b ? n * K + k : k * N + n;
                if (da) da[m * K + k] += dc[m * N + n] * b[kn];
                if (db) db[kn] += dc[m * N + n] * a[m * K + k];
            }
        }
    }
}

void transpose(Real* y, const Real* x, Index batch, Index rows, Index cols) {
    for (Index b = 0; b < batch; ++b)
        for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < cols; ++c)
                y[(b * cols + c) * rows + r] = x[(b * rows + r) * cols + c];
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

struct Sizes {
    Index M, N, K;
};

Sizes sizes(const Tensor& a, const Tensor& b, Transpose b_transposed) {
    require(a.defined() && b.defined() && a.rank() >= 1 && b.rank() == 2,
            "matmul: needs (..., K) times (K, N), got {} times {}", a.shape(), b.shape());
    const bool t = b_transposed == Transpose::yes;
    const Index K = b.size(t ? 1 : 0), N = b.size(t ? 0 : 1);
    require(a.size(-1) == K, "matmul: inner sizes differ: a is {}, b is {}{}", a.shape(), b.shape(),
            t ? " taken transposed" : "");
    return {a.rows(), N, K};
}

}  // namespace

Tensor matmul_forward(const Tensor& a, const Tensor& b, Transpose b_transposed) {
    const auto [M, N, K] = sizes(a, b, b_transposed);
    Tensor c = Tensor::empty(a.shape().with(-1, N));
    ops().matmul(c.data(), a.data(), b.data(), M, N, K, false, b_transposed == Transpose::yes,
                 false);
    return c;
}

void matmul_backward(const Tensor& dc, const Tensor& a, const Tensor& b, const Tensor& da,
                     const Tensor& db, Transpose b_transposed) {
    const auto [M, N, K] = sizes(a, b, b_transposed);
    ops().matmul_backward(da.data(), db.data(), dc.data(), a.data(), b.data(), M, N, K,
                          b_transposed == Transpose::yes);
}

Tensor transpose_forward(const Tensor& x) {
    require(x.rank() >= 2, "transpose: needs two axes or more, shape is {}", x.shape());
    const Index rows = x.size(-2), cols = x.size(-1);
    Tensor y = Tensor::empty(x.shape().with(-2, cols).with(-1, rows));
    ops().transpose(y.data(), x.data(), rows * cols > 0 ? x.count() / (rows * cols) : 0, rows,
                    cols);
    return y;
}

}  // namespace gradus
