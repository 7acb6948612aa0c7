// SPDX-License-Identifier: MIT
// The two loops that no kernel can outrun: multiply-adds on registers, and reading. They are
// compiled once per instruction set, like the kernels that they bound.
#include "tensor/kernels/simd.h"

GRADUS_KERNELS_BEGIN

// 12 chains: two multiply-adds can start in every cycle and each takes 4 or 5 cycles, so 10 must be
// in flight at once; 12 and the two constants still fit into the 16 registers of AVX2. The sums
// converge to b / (1 - a). Returns the floating-point operations done.
double multiply_adds(Index rounds, Real a, Real b, Real* result) {
    constexpr int kChains = 12;
    const Vec va = splat(a), vb = splat(b);
    Vec sum[kChains];
    for (int i = 0; i < kChains; ++i) sum[i] = splat(static_cast<Real>(i));
    for (Index round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
        for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * va + vb;
    }
    Vec total{};
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
