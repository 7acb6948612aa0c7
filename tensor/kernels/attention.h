// SPDX-License-Identifier: MIT
// Shared by the two passes of attention (attention.cpp, attention_backward.cpp): the position of a
// head in memory, the split of its work into tasks and tiles, and loops over one row of scores.
#pragma once

#include "tensor/kernels/dropout.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// Keys per tile. At T = 1024, 128 instead of 64 saves 6% of the forward time, as a row's maximum,
// sum and result are touched once per tile.
constexpr Index kKeys = 128;
// Each head is a task. If there are fewer heads than kTasks, they are split into spans of
// positions, which repeats some packing: keys are packed once for each span of queries.
constexpr Index kTasks = 16;

// The sizes, the masks, and the split into tasks.
struct Heads {
    Index T, C, NH, HS;
    bool causal, drops;
    Real scale;         // 1 / sqrt(HS)
    Index span, spans;  // positions per task, and the number of spans in T
    // The key and threshold of the dropout mask, and the scale of probabilities that are kept.
    std::uint64_t key;
    std::uint32_t threshold;
    Real kept_scale;

    Heads(Index B, Index T_, Index C_, Index NH_, bool causal_, Real rate, std::uint64_t key_)
        : T(T_),
          C(C_),
          NH(NH_),
          HS(C_ / NH_),
          causal(causal_),
          drops(rate > 0),
          scale(1 / sqrt(static_cast<Real>(HS))),
          key(key_),
          threshold(dropout_threshold(rate)),
          kept_scale(1 / (1 - rate)) {
        const Index wanted = min(ceil_div(kTasks, B * NH), ceil_div(T, kKeys));
        span = ceil_div(ceil_div(T, wanted), kKeys) * kKeys;
        spans = ceil_div(T, span);
    }

    // The offset of a head of a sequence in (B,T,3C), and in (B,T,C).
    Index in_qkv(Index head) const { return head / NH * T * 3 * C + head % NH * HS; }
    Index in_y(Index head) const { return head / NH * T * C + head % NH * HS; }

    Index keys_seen(Index t) const { return causal ? t + 1 : T; }
    // 1 / (1 - rate) or 0 for the keys s, s + 1, ... of row t of a head.
    Vec mask(Index head, Index t, Index s) const {
        return kept(key, static_cast<std::uint64_t>((head * T + t) * T + s), threshold, kept_scale);
    }
};

// The first n lanes of v, `fill` in the others.
inline Vec first_lanes(Index n, Vec v, Real fill) {
    return n >= kLanes ? v : select(iota() < static_cast<Integer>(n), v, splat(fill));
}

// Scores are computed in whole vectors, a few keys more than needed: cheaper than a partial store.
inline Index whole_vectors(Index n) {
    return n > 0 ? ceil_div(n, kLanes) * kLanes : 0;
}

// Clears what follows the vectors that hold the first n values: the future, in a tile on the
// diagonal.
inline void clear_future(Real* line, Index n, Index width) {
    for (Index s = whole_vectors(n); s < width; s += kLanes) store(line + s, Vec{});
}

inline void scale_row(Real* y, Index n, Real factor) {
    each_in_row(n, [=](Index i, Index w) { store(y + i, load(y + i, w) * factor, w); });
}

// Packs the keys of a tile as the right operand of q k^T: scale k^T, (HS, width).
inline void pack_keys(Real* packed, const Heads& a, const Real* k, Index width) {
    pack_b(packed, {k, 1, 3 * a.C}, a.HS, width);
    scale_row(packed, packed_cols_count(width, a.HS), a.scale);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
