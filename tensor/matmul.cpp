// SPDX-License-Identifier: MIT
// The three loops that everything else is measured against, and the checked functions on tensors.
// The fast version is kernels/matmul.cpp.
#include "tensor/matmul.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

Real round_to_bf16(Real x) {
    if (std::isnan(x)) return x;  // its mantissa might be rounded away
    using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
    constexpr int kDropped = std::numeric_limits<Real>::digits - 8;  // of the bits of the mantissa
    const auto bits = std::bit_cast<Bits>(x);
    const Bits odd = (bits >> kDropped) & 1, half = Bits{1} << (kDropped - 1);
    return std::bit_cast<Real>((bits + half - 1 + odd) & ~(2 * half - 1));
}

namespace naive {
namespace {

std::vector<Real> rounded(const Real* x, Index n) {
    std::vector<Real> y(x, x + n);
    for (Real& value : y) value = round_to_bf16(value);
    return y;
}

}  // namespace

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
                     Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    if (da && !add_a) std::fill_n(da, M * K, Real(0));
    if (db && !add_b) std::fill_n(db, K * N, Real(0));
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

void matmul_bf16(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
                 bool transpose_b, bool accumulate) {
    matmul(c, rounded(a, M * K).data(), rounded(b, K * N).data(), M, N, K, transpose_a, transpose_b,
           accumulate);
}

void matmul_bf16_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                          Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    matmul_backward(da, db, rounded(dc, M * N).data(), rounded(a, M * K).data(),
                    rounded(b, K * N).data(), M, N, K, transpose_b, add_a, add_b);
}

void transpose(Real* y, const Real* x, Index batch, Index rows, Index cols) {
    for (Index b = 0; b < batch; ++b)
        for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < cols; ++c)
                y[(b * cols + c) * rows + r] = x[(b * rows + r) * cols + c];
}

}  // namespace naive

Bf16Autocast::Bf16Autocast()
    : forward_(ops().matmul, ops().matmul_bf16.function()),
      backward_(ops().matmul_backward, ops().matmul_bf16_backward.function()) {}

}  // namespace GRADUS_PRECISION

namespace {

struct ProductSizes {
    Index M, N, K;
};

ProductSizes sizes(const Tensor& a, const Tensor& b, Transpose b_transposed) {
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
                     const Tensor& db, Transpose b_transposed, bool add_a, bool add_b) {
    const auto [M, N, K] = sizes(a, b, b_transposed);
    ops().matmul_backward(da.data(), db.data(), dc.data(), a.data(), b.data(), M, N, K,
                          b_transposed == Transpose::yes, add_a, add_b);
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
