// SPDX-License-Identifier: MIT
// The gradient of attention, in tiles (FlashAttention-2, Dao 2023, arXiv:2307.08691, algorithm 2).
// For each query t, over the keys s that it sees, forward computed
//
//     score[t,s] = scale dot(q[t], k[s]) + bias[t,s]      p[t,s] = e^(score[t,s] - lse[t])
//     y[t] = sum_s mask[t,s] p[t,s] v[s]       mask: dropout's 1 / (1 - rate) or 0
//
// so, from the last line back to the first, with the softmax's Jacobian diag(p) - p p^T:
//
//     dv[s] += sum_t mask p dy[t]              dp[t,s] = dot(dy[t], v[s])
//     dbias[t,s] += p (mask dp - dot[t])       dot[t] = sum_s mask p dp = dot(dy[t], y[t])
//     ds[t,s] = scale p (mask dp - dot[t])
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

// The array arguments of attention_backward, or the part of each where a head begins.
struct Arrays {
    Real *dq, *dk, *dv, *dbias;
    const Real *dy, *y, *lse, *q, *k, *v, *bias;

    Arrays of(const Head& head) const {
        const auto at = [](auto* array, Index i) { return array ? array + i : nullptr; };
        const Index q_at = head.q(), k_at = head.k(), v_at = head.v(), y_at = head.y();
        return {at(dq, q_at),   at(dk, k_at), at(dv, v_at), dbias,    dy + y_at, y + y_at,
                lse + head.row, q + q_at,     k + k_at,     v + v_at, bias};
    }
};

// One task: a span of the queries of one head, [t_begin, t_end), against a span of its keys.
struct Backward {
    const Head head;
    const AttentionShape& a = head.a;
    const Index t_begin, t_end;
    const Range span;  // the keys
    const Arrays in;
    const Index HS = a.key_size, VS = a.value_size;

    // Packed: a tile of keys and a block of queries.
    Real* keys_t = scratch(2, packed_cols_count(kKeys, HS));        // scale k^T: (HS, kKeys)
    Real* values_t = scratch(3, packed_cols_count(kKeys, VS));      // v^T: (VS, kKeys)
    Real* keys = scratch(4, packed_cols_count(HS, kKeys));          // k: (kKeys, HS)
    Real* block_q = scratch(5, packed_cols_count(HS, kQueries));    // q: (kQueries, HS)
    Real* block_dy = scratch(6, packed_cols_count(VS, kQueries));   // dy: (kQueries, VS)
    Real* dot = scratch(7, t_end > t_begin ? t_end - t_begin : 0);  // dot[t - t_begin]
    // For the block, (kQueries, kKeys): mask p, and dp, which becomes ds.
    alignas(64) Real p[kQueries * kKeys], ds[kQueries * kKeys];

    Backward(const Head& head_, const Arrays& arrays, Index queries, Index others, Index size)
        : head(head_),
          t_begin(queries * size),
          t_end(min(head.queries, t_begin + size)),
          span{others * size, min(a.Tk, others * size + size)},
          in(arrays.of(head)) {}

    void run();
    void pack_tile(Index s0, Index width);
    void add_dq(Index t, Index rows, Real* p0, Real* ds0, Index s0, Index width, Index clear_to);
    template <class Seen>
    void softmax_backward_row(Real* p_row, Real* ds_row, Index t, Index s0, Seen seen);
    void add_dk_dv(Index t0, Index rows, Index s0, Range seen);
};

void Backward::run() {
    if (t_begin >= t_end) return;
    const Range all = head.seen(t_begin, t_end - t_begin);
    if (all.within(span.begin, span.end - span.begin).empty()) return;
    const Index row = head.y_row();
    for (Index t = t_begin; t < t_end; ++t)
        dot[t - t_begin] = row_dot(in.dy + t * row, in.y + t * row, VS);
    for (Index s0 = span.begin; s0 < span.end; s0 += kKeys) {
        const Index width = min(kKeys, min(span.end, head.keys) - s0);
        if (all.within(s0, width).empty()) continue;
        pack_tile(s0, width);
        for (Index t0 = t_begin; t0 < t_end; t0 += kQueries) {
            const Index rows = min(kQueries, t_end - t0);
            const Range block = head.seen(t0, rows).within(s0, width);
            if (block.empty()) continue;
            for (Index r = 0; r < rows; r += kMR)
                add_dq(t0 + r, min(kMR, rows - r), p + r * kKeys, ds + r * kKeys, s0, width,
                       block.end);
            add_dk_dv(t0, rows, s0, block);
        }
    }
}

void Backward::pack_tile(Index s0, Index width) {
    const Real *k = in.k + s0 * a.k.position, *v = in.v + s0 * a.v.position;
    pack_keys(keys_t, a, {k, a.k.position, 1}, width);
    pack_b(values_t, {v, 1, a.v.position}, VS, width);
    pack_b(keys, {k, a.k.position, 1}, width, HS);
}

// Computes p and ds of a strip of up to kMR queries, with zeros up to key `clear_to` of the tile,
// and adds to its dq.
void Backward::add_dq(Index t, Index rows, Real* p0, Real* ds0, Index s0, Index width,
                      Index clear_to) {
    const Index q_row = a.q.position, y_row = head.y_row();
    const Range strip = head.seen(t, rows).within(s0, width);
    if (strip.empty()) return;
    // score = scale q k^T, and dp = dy v^T
    multiply_in_place({p0, kKeys, Write::overwrite}, {in.q + t * q_row, q_row, 1}, {keys_t, HS},
                      rows, whole_vectors(strip.end), HS);
    multiply_in_place({ds0, kKeys, Write::overwrite}, {in.dy + t * y_row, y_row, 1}, {values_t, VS},
                      rows, whole_vectors(strip.end), VS);
    head.each_row(t, rows, s0, width, [&](Index r, auto seen) {
        softmax_backward_row(p0 + r * kKeys, ds0 + r * kKeys, t + r, s0, seen);
        clear_unseen(p0 + r * kKeys, seen, whole_vectors(clear_to));
        clear_unseen(ds0 + r * kKeys, seen, whole_vectors(clear_to));
    });
    // dq += ds k
    if (in.dq)
        multiply_in_place({in.dq + t * q_row, q_row, Write::accumulate}, {ds0, kKeys, 1},
                          {keys, width}, rows, HS, strip.end);
}

// p holds scores and becomes mask p; ds holds dp and becomes scale p (mask dp - dot).
template <class Seen>
void Backward::softmax_backward_row(Real* p_row, Real* ds_row, Index t, Index s0, Seen seen) {
    const Index at = head.bias(t) + s0;
    if (in.bias) add_bias(p_row, in.bias + at, seen);
    // A row whose scores are all -infinity has an lse of -infinity too; its p is 0.
    const Real shift = in.lse[t] == kMinusInfinity ? 0 : in.lse[t], d = dot[t - t_begin];
    each_seen(seen, [&](Index s, auto only) {
        const Vec e = exp_below(load(p_row + s) - shift);
        const Vec mask = head.drops ? head.mask(t, s0 + s) : splat(1);
        const Vec de = e * multiply_add(load(ds_row + s), mask, splat(-d));
        store(p_row + s, only(s, e * mask, 0));
        store(ds_row + s, only(s, de * a.scale, 0));
        if (in.dbias) {
            Real* out = in.dbias + at + s;
            const Index w = min(kLanes, seen.end - s);
            store(out, load(out, w) + only(s, de, 0), w);
        }
    });
}

// dv += (mask p)^T dy and dk += ds^T q, a strip of keys at a time, over those queries that see one
// of its keys. p^T is p with its two strides swapped.
void Backward::add_dk_dv(Index t0, Index rows, Index s0, Range seen) {
    const Index q_row = a.q.position, y_row = head.y_row();
    pack_b(block_q, {in.q + t0 * q_row, q_row, 1}, rows, HS);
    pack_b(block_dy, {in.dy + t0 * y_row, y_row, 1}, rows, VS);
    for (Index s = seen.begin / kMR * kMR; s < seen.end; s += kMR) {
        const Index count = min(kMR, seen.end - s), first = s0 + s, last = first + count - 1;
        Index from = 0, to = rows;
        while (from < rows && head.seen(t0 + from).end <= first) ++from;
        while (to > from && head.seen(t0 + to - 1).begin > last) --to;
        if (in.dv)
            multiply_in_place({in.dv + first * a.v.position, a.v.position, Write::accumulate},
                              {p + from * kKeys + s, 1, kKeys}, {block_dy + from * kNR, rows},
                              count, VS, to - from);
        if (in.dk)
            multiply_in_place({in.dk + first * a.k.position, a.k.position, Write::accumulate},
                              {ds + from * kKeys + s, 1, kKeys}, {block_q + from * kNR, rows},
                              count, HS, to - from);
    }
}

}  // namespace

void attention_backward(Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
                        const Real* lse, const Real* q, const Real* k, const Real* v,
                        const Real* bias, const AttentionShape& a) {
    if (a.B * a.Tq * a.Tk * a.heads == 0) return;
    const Arrays arrays{dq, dk, dv, dbias, dy, y, lse, q, k, v, bias};
    // A task adds to the dq of its queries, to the dk and dv of its keys, and to the dbias of both.
    // Within a round, no two tasks share any of these, so each sum has a fixed order: query heads
    // with the same keys, and with a dbias all sequences, belong to one task, in order.
    const Index sequences = dbias ? 1 : a.B, each = dbias ? a.B : 1, group = a.heads / a.kv_heads;
    const Spans spans(max(a.Tq, a.Tk), sequences * a.kv_heads);
    for (Index round = 0; round < spans.count; ++round) {
        parallel_for(sequences * a.kv_heads * spans.count, 1, [=, &a](Index task, Index) {
            const Index queries = task % spans.count, other = task / spans.count;
            const Index keys = (round + spans.count - queries) % spans.count;
            for (Index i = 0; i < each; ++i)
                for (Index h = 0; h < group; ++h) {
                    const Head head{a, other / a.kv_heads + i, other % a.kv_heads * group + h};
                    Backward(head, arrays, queries, keys, spans.size).run();
                }
        });
    }
}

GRADUS_KERNELS_END
