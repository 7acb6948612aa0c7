// SPDX-License-Identifier: MIT
// bf16 is a float without its lower 16 bits: the same range, 8 significant bits instead of 24
// (Kalamkar et al. 2019, arXiv:1905.12322). The product of two such values is exact in float, so
// only the rounding of the operands costs accuracy, at most 2^-8 of each value. Panels (gemm.h) are
// rounded in place, right after packing, while they are still in cache. Processors with AVX512_BF16
// then multiply them in pairs; others multiply them as ordinary floats, since they are still stored
// as such. AMX is faster than either (amx.h); bf16_unit() chooses.
#pragma once

#include "tensor/bf16_unit.h"
#include "tensor/kernels/gemm.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

constexpr int kDropped = kMantissa - 7;  // 8 significant bits: one is implicit

// Rounds to the nearest number with 8 significant bits, ties to even. NaN is left unchanged:
// rounding could clear its mantissa and turn it into infinity.
inline Vec round_to_bf16(Vec x) {
    const BitVec bits = (BitVec)x, odd = (bits >> kDropped) & 1;
    const BitVec rounded =
        (bits + ((Bits{1} << (kDropped - 1)) - 1) + odd) & ~((Bits{1} << kDropped) - 1);
    return select(x == x, (Vec)rounded, x);
}

inline void round_panel(Real* panel, Index count) {
    for (Index i = 0; i < count; i += kLanes) {
        const Index w = min(kLanes, count - i);
        store(panel + i, round_to_bf16(load(panel + i, w)), w);
    }
}

#if defined(GRADUS_ISA_avx512) && !defined(GRADUS_DOUBLE)

// Merges rows k and k + 1 of a panel into one row of pairs, with row k in the lower half of each 32
// bits, as vdpbf16ps expects. Works in place; a last row without a partner is paired with zeros.
inline void pair_panel(Real* panel, Index width, Index depth) {
    for (Index k = 0; k < depth; k += 2) {
        for (Index i = 0; i < width; i += kLanes) {
            const Index w = min(kLanes, width - i);
            const Real* row = panel + k * width + i;
            const BitVec low = (BitVec)round_to_bf16(load(row, w)),
                         high =
                             k + 1 < depth ? (BitVec)round_to_bf16(load(row + width, w)) : BitVec{};
            store(panel + k / 2 * width + i, (Vec)((low >> 16) | high), w);
        }
    }
}

// multiply_tile on pairs: c (rows, width) = or += a panel times b panel, 2 `pairs` deep. The panels
// are padded with zeros, so a whole tile is always computed, and only the part that belongs to c is
// stored. This is a separate function because vdpbf16ps may appear only in its body: not every
// processor with AVX-512 has that instruction.
__attribute__((noinline, target("avx512bf16"))) void multiply_pairs(Result c, const Real* a,
                                                                    const Real* b, Index pairs,
                                                                    Index rows, Index width) {
    Vec tile[kMR][kTileVectors];
#pragma GCC unroll 16
    for (int i = 0; i < kMR; ++i)
#pragma GCC unroll 2
        for (int v = 0; v < kTileVectors; ++v) tile[i][v] = Vec{};
#pragma GCC unroll 2
    for (Index k = 0; k < pairs; ++k, a += kMR, b += kNR) {
        __m512bh row[kTileVectors];
#pragma GCC unroll 2
        for (int v = 0; v < kTileVectors; ++v) row[v] = (__m512bh)load(b + v * kLanes);
#pragma GCC unroll 16
        for (int i = 0; i < kMR; ++i) {
            const auto x = (__m512bh)_mm512_set1_ps(a[i]);
#pragma GCC unroll 2
            for (int v = 0; v < kTileVectors; ++v)
                tile[i][v] = _mm512_dpbf16_ps(tile[i][v], x, row[v]);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < kMR; ++i) {
        if (i >= rows) break;
#pragma GCC unroll 2
        for (int v = 0; v < kTileVectors; ++v) {
            Real* out = c.at(i, v * kLanes).data;
            const Index n = min(width - v * kLanes, kLanes);
            if (n <= 0) continue;
            store(out, c.write == Write::accumulate ? load(out, n) + tile[i][v] : tile[i][v], n);
        }
    }
}

inline void round_packed(Real* panel, Index width, Index depth) {
    if (bf16_unit() == Bf16Unit::dots)
        pair_panel(panel, width, depth);
    else
        round_panel(panel, width * depth);
}

inline void multiply_packed_bf16(Result c, const Real* a, const Real* b, Index M, Index N,
                                 Index depth) {
    if (bf16_unit() != Bf16Unit::dots) return multiply_packed(c, a, b, M, N, depth);
    for (Index n = 0; n < N; n += kNR)
        for (Index m = 0; m < M; m += kMR)
            multiply_pairs(c.at(m, n), a + m * depth, b + n * depth, ceil_div(depth, 2), M - m,
                           N - n);
}

#else

inline void round_packed(Real* panel, Index width, Index depth) {
    round_panel(panel, width * depth);
}

inline void multiply_packed_bf16(Result c, const Real* a, const Real* b, Index M, Index N,
                                 Index depth) {
    multiply_packed(c, a, b, M, N, depth);
}

#endif

// Rounds panels of `width` rows of a or columns of b each, n rows or columns in all.
inline void round_panels(Real* panels, Index width, Index n, Index depth) {
    for (Index i = 0; i < n; i += width) round_packed(panels + i * depth, width, depth);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
