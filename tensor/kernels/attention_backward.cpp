// SPDX-License-Identifier: MIT
// The gradient of attention, in tiles (FlashAttention-2, Dao 2023, arXiv:2307.08691, algorithm 2).
// For each query t, over the keys s that it sees, forward computed
//
//     score[t,s] = scale dot(q[t], k[s])       p[t,s] = e^(score[t,s] - lse[t])
//     y[t] = sum_s mask[t,s] p[t,s] v[s]       mask: dropout's 1 / (1 - rate) or 0
//
// so, from the last line back to the first, with the softmax's Jacobian diag(p) - p p^T:
//
//     dv[s] += sum_t mask p dy[t]              dp[t,s] = dot(dy[t], v[s])
//     ds[t,s] = scale p (mask dp - dot[t])     dot[t] = sum_s mask p dp = dot(dy[t], y[t])
//     dq[t] += sum_s ds k[s]                   dk[s] += sum_t ds q[t]
//
// Forward does not keep p, which is recomputed here in blocks of kQueries x kKeys that stay in L1
// and L2. bench: ops_bench.
#include "tensor/kernels/attention.h"

GRADUS_KERNELS_BEGIN

namespace {

// Queries per block. At T = 1024, 48 instead of 24 saves 6% of the backward time, as dk and dv are
// touched once per block.
constexpr Index kQueries = 48 / kMR * kMR;

// The array arguments of attention_backward.
struct Arrays {
    Real* dqkv;
    const Real *dy, *y, *lse, *qkv;
};

// One task: a span of the queries of one head, [t_begin, t_end), against a span of its keys,
// [s_begin, s_end). Row t of q is at q + 3C t, row t of y at y + C t.
struct Backward {
    const Heads& a;
    const Index head, t_begin, t_end, s_begin, s_end;
    const Real *q, *k, *v, *y, *dy, *lse;
    Real *dq, *dk, *dv;

    // Packed: a tile of keys and a block of queries.
    Real* keys_t = scratch(2, packed_cols_count(kKeys, a.HS));       // scale k^T: (HS, kKeys)
    Real* values_t = scratch(3, packed_cols_count(kKeys, a.HS));     // v^T: (HS, kKeys)
    Real* keys = scratch(4, packed_cols_count(a.HS, kKeys));         // k: (kKeys, HS)
    Real* block_q = scratch(5, packed_cols_count(a.HS, kQueries));   // q: (kQueries, HS)
    Real* block_dy = scratch(6, packed_cols_count(a.HS, kQueries));  // dy: (kQueries, HS)
    Real* dot = scratch(7, a.span);                                  // dot[t - t_begin]
    // For the block, (kQueries, kKeys): mask p, and dp, which becomes ds.
    alignas(64) Real p[kQueries * kKeys], ds[kQueries * kKeys];

    Backward(const Heads& heads, const Arrays& arrays, Index head_, Index queries, Index others)
        : a(heads),
          head(head_),
          t_begin(queries * a.span),
          t_end(min(a.T, t_begin + a.span)),
          s_begin(others * a.span),
          s_end(min(a.T, s_begin + a.span)),
          q(arrays.qkv + a.in_qkv(head)),
          k(q + a.C),
          v(k + a.C),
          y(arrays.y + a.in_y(head)),
          dy(arrays.dy + a.in_y(head)),
          lse(arrays.lse + head * a.T),
          dq(arrays.dqkv + a.in_qkv(head)),
          dk(dq + a.C),
          dv(dk + a.C) {}

    void run();
    void pack_tile(Index s0, Index width);
    void add_dq(Index t, Index rows, Real* p0, Real* ds0, Index s0, Index width, Index clear_to);
    void softmax_backward_row(Real* p_row, Real* ds_row, Index t, Index s0, Index n);
    void add_dk_dv(Index t0, Index rows, Index s0, Index seen);
};

void Backward::run() {
    const Index C = a.C;
    for (Index t = t_begin; t < t_end; ++t) dot[t - t_begin] = row_dot(dy + t * C, y + t * C, a.HS);
    for (Index s0 = s_begin; s0 < s_end; s0 += kKeys) {
        const Index width = min(kKeys, s_end - s0);
        pack_tile(s0, width);
        for (Index t0 = t_begin; t0 < t_end; t0 += kQueries) {
            const Index rows = min(kQueries, t_end - t0);
            const Index seen = min(width, a.keys_seen(t0 + rows - 1) - s0);  // by the last query
            if (seen <= 0) continue;
            for (Index r = 0; r < rows; r += kMR)
                add_dq(t0 + r, min(kMR, rows - r), p + r * kKeys, ds + r * kKeys, s0, width, seen);
            add_dk_dv(t0, rows, s0, seen);
        }
    }
}

void Backward::pack_tile(Index s0, Index width) {
    const Index row = 3 * a.C;
    pack_keys(keys_t, a, k + s0 * row, width);
    pack_b(values_t, {v + s0 * row, 1, row}, a.HS, width);
    pack_b(keys, {k + s0 * row, row, 1}, width, a.HS);
}

// Computes p and ds of a strip of up to kMR queries, with zeros up to key `clear_to` of the tile,
// and adds to its dq.
void Backward::add_dq(Index t, Index rows, Real* p0, Real* ds0, Index s0, Index width,
                      Index clear_to) {
    const Index row = 3 * a.C, HS = a.HS;
    const Index seen = min(width, a.keys_seen(t + rows - 1) - s0);
    if (seen <= 0) return;
    // score = scale q k^T, and dp = dy v^T
    multiply_in_place({p0, kKeys, Write::overwrite}, {q + t * row, row, 1}, {keys_t, HS}, rows,
                      whole_vectors(seen), HS);
    multiply_in_place({ds0, kKeys, Write::overwrite}, {dy + t * a.C, a.C, 1}, {values_t, HS}, rows,
                      whole_vectors(seen), HS);
    for (Index r = 0; r < rows; ++r) {
        const Index n = min(width, a.keys_seen(t + r) - s0);
        softmax_backward_row(p0 + r * kKeys, ds0 + r * kKeys, t + r, s0, n);
        clear_future(p0 + r * kKeys, n, clear_to);
        clear_future(ds0 + r * kKeys, n, clear_to);
    }
    // dq += ds k
    multiply_in_place({dq + t * row, row, Write::accumulate}, {ds0, kKeys, 1}, {keys, width}, rows,
                      HS, seen);
}

// p holds scores and becomes mask p; ds holds dp and becomes scale p (mask dp - dot).
void Backward::softmax_backward_row(Real* p_row, Real* ds_row, Index t, Index s0, Index n) {
    const Real shift = lse[t], d = dot[t - t_begin];
    each_in_row(n, [&](Index s, Index w) {
        const Vec e = exp_below(load(p_row + s) - shift);
        const Vec mask = a.drops ? a.mask(head, t, s0 + s) : splat(1);
        const Vec de = e * multiply_add(load(ds_row + s), mask, splat(-d)) * a.scale;
        store(p_row + s, first_lanes(w, e * mask, 0));
        store(ds_row + s, first_lanes(w, de, 0));
    });
}

// dv += (mask p)^T dy and dk += ds^T q, a strip of keys at a time, over the queries from the first
// one that sees the strip. p^T is p with its two strides swapped.
void Backward::add_dk_dv(Index t0, Index rows, Index s0, Index seen) {
    const Index row = 3 * a.C, HS = a.HS;
    pack_b(block_q, {q + t0 * row, row, 1}, rows, HS);
    pack_b(block_dy, {dy + t0 * a.C, a.C, 1}, rows, HS);
    for (Index s = 0; s < seen; s += kMR) {
        const Index count = min(kMR, seen - s), at = (s0 + s) * row;
        const Index from = a.causal ? max(0, s0 + s - t0) : 0;
        multiply_in_place({dv + at, row, Write::accumulate}, {p + from * kKeys + s, 1, kKeys},
                          {block_dy + from * kNR, rows}, count, HS, rows - from);
        multiply_in_place({dk + at, row, Write::accumulate}, {ds + from * kKeys + s, 1, kKeys},
                          {block_q + from * kNR, rows}, count, HS, rows - from);
    }
}

}  // namespace

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    if (B * T * NH == 0) return;
    const Heads a(B, T, C, NH, causal, rate, key);
    const Arrays arrays{dqkv, dy, y, lse, qkv};
    // A task adds to the dq of its queries and to the dk and dv of its keys. Within a round, no two
    // tasks share either, so each sum has a fixed order.
    for (Index round = 0; round < a.spans; ++round) {
        parallel_for(B * NH * a.spans, 1, [=](Index task, Index) {
            const Index head = task / a.spans, queries = task % a.spans;
            const Index keys = (round + a.spans - queries) % a.spans;
            if (causal && keys > queries) return;
            Backward(a, arrays, head, queries, keys).run();
        });
    }
}

GRADUS_KERNELS_END
