// SPDX-License-Identifier: MIT
// The three loops that serve as the reference, and the checked functions on tensors. The fast
// version is in kernels/matmul.cpp.
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
    if (std::isnan(x)) return x;  // rounding could clear its mantissa and turn it into infinity
    using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
    constexpr int kDropped = std::numeric_limits<Real>::digits - 8;  // low bits of the mantissa
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

// The position of element (i, j) of a rows x cols matrix, stored as it is or transposed.
Index at(bool transposed, Index i, Index j, Index rows, Index cols) {
    return transposed ? j * rows + i : i * cols + j;
}

}  // namespace

void matmul(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    for (Index m = 0; m < M; ++m) {
        for (Index n = 0; n < N; ++n) {
            Real sum = 0;  // row m of a times column n of b
            for (Index k = 0; k < K; ++k)
                sum += a.data[at(a.transposed, m, k, M, K)] * b.data[at(b.transposed, k, n, K, N)];
            Real& out = c.data[m * N + n];
            out = c.write == Write::accumulate ? out + sum : sum;
        }
    }
}

void matmul_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                     Index N, Index K) {
    if (da.data && da.write == Write::overwrite) std::fill_n(da.data, M * K, Real(0));
    if (db.data && db.write == Write::overwrite) std::fill_n(db.data, K * N, Real(0));
    // The forward pass did c[m,n] += a[m,k] b[k,n], so each product passes its dc to both operands.
    for (Index m = 0; m < M; ++m) {
        for (Index n = 0; n < N; ++n) {
            for (Index k = 0; k < K; ++k) {
                const Index mk = m * K + k, kn = at(b.transposed, k, n, K, N);
                if (da.data) da.data[mk] += dc[m * N + n] * b.data[kn];
                if (db.data) db.data[kn] += dc[m * N + n] * a[mk];
            }
        }
    }
}

void matmul_bf16(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    const auto a16 = rounded(a.data, M * K), b16 = rounded(b.data, K * N);
    matmul(c, {a16.data(), a.transposed}, {b16.data(), b.transposed}, M, N, K);
}

void matmul_bf16_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                          Index N, Index K) {
    const auto dc16 = rounded(dc, M * N), a16 = rounded(a, M * K), b16 = rounded(b.data, K * N);
    matmul_backward(da, db, dc16.data(), a16.data(), {b16.data(), b.transposed}, M, N, K);
}

void transpose(Real* y, const Real* x, Index batch, Index rows, Index cols) {
    for (Index b = 0; b < batch; ++b)
        for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < cols; ++c)
                y[(b * cols + c) * rows + r] = x[(b * rows + r) * cols + c];
}

}  // namespace naive

namespace {
thread_local bool in_bf16 = false;
}

Bf16Autocast::Bf16Autocast(bool on) : before_(in_bf16) {
    in_bf16 = on;
}
Bf16Autocast::~Bf16Autocast() {
    in_bf16 = before_;
}
bool Bf16Autocast::active() {
    return in_bf16;
}

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
    auto& product = Bf16Autocast::active() ? ops().matmul_bf16 : ops().matmul;
    product({c.data()}, {a.data()}, {b.data(), b_transposed == Transpose::yes}, M, N, K);
    return c;
}

void matmul_backward(const Tensor& dc, const Tensor& a, const Tensor& b, const Tensor& da,
                     const Tensor& db, Transpose b_transposed, Write write_a, Write write_b) {
    const auto [M, N, K] = sizes(a, b, b_transposed);
    auto& gradient = Bf16Autocast::active() ? ops().matmul_bf16_backward : ops().matmul_backward;
    gradient({da.data(), write_a}, {db.data(), write_b}, dc.data(), a.data(),
             {b.data(), b_transposed == Transpose::yes}, M, N, K);
}

Tensor transpose_forward(const Tensor& x) {
    require(x.rank() >= 2, "transpose: needs at least two axes, shape is {}", x.shape());
    const Index rows = x.size(-2), cols = x.size(-1);
    Tensor y = Tensor::empty(x.shape().with(-2, cols).with(-1, rows));
    ops().transpose(y.data(), x.data(), rows * cols > 0 ? x.count() / (rows * cols) : 0, rows,
                    cols);
    return y;
}

}  // namespace gradus
