// SPDX-License-Identifier: MIT
// 8-bit weights: a quarter of the memory, and three to four times as many tokens per second when
// nearly all the time goes into reading the weights (decode_bench). Quantisation is symmetric and
// in blocks, like llama.cpp's Q8_0: each block of a row has its own scale, so a single large
// weight costs precision only within its block.
#include "tensor/int8_block.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {
namespace {

// The step between adjacent levels for a block of n values, the largest magnitude of which maps to
// `top`: 0 if all are zero (or so small that the step would be subnormal), NaN if any is not
// finite.
Real step_of(const Real* x, Index n, int top) {
    Real largest = 0, spoilt = 0;
    for (Index i = 0; i < n; ++i) {
        largest = std::max(largest, std::abs(x[i]));
        spoilt += x[i] - x[i];  // 0, or NaN for an infinity or a NaN
    }
    const Real step = largest / static_cast<Real>(top);
    return (step < std::numeric_limits<Real>::min() ? 0 : step) + spoilt;
}

// x / step rounded to the nearest integer, ties away from zero.
int multiple(Real x, Real step) {
    return step > 0 ? static_cast<int>(x / step + (x < 0 ? Real(-0.5) : Real(0.5))) : 0;
}

}  // namespace

void quantise_int8(std::int8_t* q, Real* scale, const Real* w, Index rows, Index K) {
    for (Index r = 0; r < rows; ++r, q += int8_row(K), w += K) {
        std::fill_n(q, int8_row(K), std::int8_t(0));
        for (Index k = 0; k < K; k += kInt8Block, ++scale) {
            const Index n = std::min(kInt8Block, K - k);
            *scale = step_of(w + k, n, 127);
            for (Index i = 0; i < n; ++i)
                q[k + i] = static_cast<std::int8_t>(multiple(w[k + i], *scale));
        }
    }
}

void dequantise_int8(Real* w, const std::int8_t* q, const Real* scale, Index rows, Index K) {
    const Index blocks = int8_blocks(K);
    for (Index r = 0; r < rows; ++r)
        for (Index k = 0; k < K; ++k)
            w[r * K + k] =
                scale[r * blocks + k / kInt8Block] * static_cast<Real>(q[r * int8_row(K) + k]);
}

void matmul_int8(Real* y, const Real* x, const std::int8_t* q, const Real* scale, Index M, Index N,
                 Index K) {
    const Index blocks = int8_blocks(K);
    for (Index m = 0; m < M; ++m) {
        for (Index n = 0; n < N; ++n) {
            Real sum = 0;
            for (Index block = 0; block < blocks; ++block) {
                const Real* from = x + m * K + block * kInt8Block;
                const std::int8_t* weight = q + n * int8_row(K) + block * kInt8Block;
                const Index size = std::min(kInt8Block, K - block * kInt8Block);
                const Real step = step_of(from, size, 32767);
                int products = 0;  // at most 128 * 32767 * 127 = 5.3e8: no overflow
                for (Index i = 0; i < size; ++i) products += multiple(from[i], step) * weight[i];
                sum += step * scale[n * blocks + block] * static_cast<Real>(products);
            }
            y[m * N + n] = sum;
        }
    }
}

}  // namespace naive

}  // namespace GRADUS_PRECISION
}  // namespace gradus
