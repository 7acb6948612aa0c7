// SPDX-License-Identifier: MIT
// The two loops that no kernel can outrun: multiply-adds on registers, and reading. They are
// compiled once per instruction set, like the kernels that they bound.
#include "tensor/kernels/simd.h"

GRADUS_KERNELS_BEGIN

namespace {

// Chains of multiply-adds. Two can start in every cycle and each takes 4 or 5 cycles, so 10 must be
// in flight at once; 12 and the two constants still fit into the 16 registers of AVX2. arm64 has
// cores that start four in every cycle (Apple M1, Neoverse V1: 4 cycles each), and 32 registers.
#if defined(__aarch64__)
constexpr int kChains = 24;
#else
constexpr int kChains = 12;
#endif

// On arm64 the result replaces the addend, so the chain must pass through that; through a factor, g++
// 12 copies two registers for each multiply-add. Elsewhere it passes through a factor, as a product
// of two constants would be computed only once where there is no fused multiply-add. The sums then
// converge to b / (1 - a).
inline Vec next(Vec sum, Vec a, Vec b) {
#if defined(__aarch64__)
    return multiply_add(a, b, sum);
#else
    return sum * a + b;
#endif
}

}  // namespace

// Returns the floating-point operations done.
double multiply_adds(Index rounds, Real a, Real b, Real* result) {
    const Vec va = splat(a), vb = splat(b);
    Vec sum[kChains];
#pragma GCC unroll 24
    for (int i = 0; i < kChains; ++i) sum[i] = splat(static_cast<Real>(i));
    for (Index round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
        for (int i = 0; i < kChains; ++i) sum[i] = next(sum[i], va, vb);
    }
    Vec total{};
#pragma GCC unroll 24  // a loop would keep the sums in memory
    for (int i = 0; i < kChains; ++i) total += sum[i];
    *result = horizontal_sum(total);
    return 2.0 * kChains * static_cast<double>(kLanes) * static_cast<double>(rounds);
}

// The sum of n numbers, which fill a multiple of 8 vectors. An addition takes 3 or 4 cycles, and
// two loads can start in each, so 8 sums hide the additions.
Real read_numbers(const Real* x, Index n) {
    constexpr int kSums = 8;
    Vec sum[kSums] = {};
    for (Index i = 0; i + kSums * kLanes <= n; i += kSums * kLanes) {
#pragma GCC unroll 8
        for (int j = 0; j < kSums; ++j) sum[j] += load(x + i + j * kLanes);
    }
    Vec total{};
    for (int j = 0; j < kSums; ++j) total += sum[j];
    return horizontal_sum(total);
}

GRADUS_KERNELS_END
