// SPDX-License-Identifier: MIT
// Attention by tiles, with a softmax that meets its row piece by piece (Milakov, Gimelshein 2018,
// arXiv:1805.02867, algorithm 3; FlashAttention, Dao et al. 2022, arXiv:2205.14135, algorithm 1;
// for the gradient Dao 2023, arXiv:2307.08691, algorithm 2). A tile of kKeys keys and values is
// packed once and met by the queries in strips of kTileRows, whose scores stay in L1: a thread
// works in a few tiles and one or two numbers a query, whatever T is. With a causal mask each strip
// ends at its own last key, so the work is half of the full square, plus 3 to 7 keys a row. bench:
// ops_bench.
#include "tensor/kernels/dropout.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

namespace {

// Keys of a tile, and queries of a block of backward. At T 1024 128 keys against 64 take 6 % off
// forward, which touches a row's maximum, sum and result once a tile, and 48 queries against 24
// take 6 % off backward, which touches dk and dv once a block.
constexpr Index kKeys = 128, kQueries = 48 / kTileRows * kTileRows;
// A head is a task. Fewer than kTasks are cut into spans of positions, which costs some packing
// again: of keys, once for each span of queries.
constexpr Index kTasks = 16;

// What a maximum starts from: a row that begins with a tile of -infinity has no weight yet, where
// -infinity - -infinity would be NaN.
constexpr Real kLowest = sizeof(Real) == 4 ? Real(-__FLT_MAX__) : Real(-__DBL_MAX__);

// Sizes and masks that both passes share.
struct Heads {
    Index B, T, C, NH, HS;
    bool causal, drops;
    std::uint64_t key;
    Real scale, kept_scale;
    std::uint32_t threshold;
    Index span, spans;  // positions of a task, and how many spans are in T

    Index keys_seen(Index t) const { return causal ? t + 1 : T; }
    // 1 / (1 - rate) or 0 for the keys s, s + 1, ... of row t of a head.
    Vec mask(Index head, Index t, Index s) const {
        return kept(key, static_cast<std::uint64_t>((head * T + t) * T + s), threshold, kept_scale);
    }
};

Heads heads(Index B, Index T, Index C, Index NH, bool causal, Real rate, std::uint64_t key) {
    const Index HS = C / NH;
    const Index wanted = min(ceil_div(kTasks, B * NH), ceil_div(T, kKeys));
    const Index span = ceil_div(ceil_div(T, wanted), kKeys) * kKeys;
    return {B,
            T,
            C,
            NH,
            HS,
            causal,
            rate > 0,
            key,
            1 / sqrt(static_cast<Real>(HS)),
            1 / (1 - rate),
            dropout_threshold(rate),
            span,
            ceil_div(T, span)};
}

// The first n lanes of v, `rest` in the others.
Vec first_lanes(Index n, Vec v, Real rest) {
    return n >= kLanes ? v : select(lane_numbers() < static_cast<Integer>(n), v, all(rest));
}

// Scores are computed in whole vectors, some keys further than needed: cheaper than storing a part.
Index whole_vectors(Index n) {
    return n > 0 ? ceil_div(n, kLanes) * kLanes : 0;
}

// Zeros behind the vectors of the first n numbers: the future, inside a tile on the diagonal.
void clear_future(Real* line, Index n, Index width) {
    for (Index s = whole_vectors(n); s < width; s += kLanes) store(line + s, Vec{});
}

void scale_row(Real* y, Index n, Real factor) {
    each_in_row(n, [=](Index i, Index w) { store(y + i, load(y + i, w) * factor, w); });
}

// One row meets n more keys: their scores become e^(score - largest). Returns what all that was
// added up for the row before has to be multiplied by, now that the largest may be another.
Real meet_keys(Real* line, Index n, Real* largest, Real* total) {
    const Real before = *largest;
    Vec best = all(before), sum{};
    each_in_row(
        n, [&](Index s, Index w) { best = max(best, first_lanes(w, load(line + s), kLowest)); });
    const Real shift = horizontal_max(best);
    each_in_row(n, [&](Index s, Index w) {
        const Vec e = first_lanes(w, exp_below(load(line + s) - shift), 0);
        sum += e;
        store(line + s, e);
    });
    const Real factor = *total == 0 || shift == before ? 1 : exp(all(before - shift))[0];
    *total = *total * factor + horizontal_sum(sum);
    *largest = shift;
    return factor;
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    if (B * T * NH == 0) return;
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH * a.spans, 1, [=](Index task, Index) {
        const Index HS = a.HS, row = 3 * C;  // from one position to the next
        // Later spans see more keys: they come first, so that no thread ends with the longest.
        const Index head = task / a.spans, t0 = (a.spans - 1 - task % a.spans) * a.span;
        const Index t1 = min(T, t0 + a.span);
        const Index at = head / NH * T, column = head % NH * HS;
        const Real *q = qkv + at * row + column, *k = q + C, *v = q + 2 * C;
        Real* out = y + at * C + column;
        Real* largest = lse + head * T;                           // until the end of the row
        Real* keys = scratch(3, packed_cols_count(kKeys, HS));    // k^T: (HS, kKeys)
        Real* values = scratch(4, packed_cols_count(HS, kKeys));  // v: (kKeys, HS)
        Real* total = scratch(5, a.span);                         // sum of e^(score - largest)
        alignas(64) Real p[kTileRows * kKeys];
        for (Index t = t0; t < t1; ++t) {
            largest[t] = kLowest;
            total[t - t0] = 0;
        }
        for (Index s0 = 0; s0 < a.keys_seen(t1 - 1); s0 += kKeys) {
            const Index width = min(kKeys, a.keys_seen(t1 - 1) - s0);
            pack_b(keys, {k + s0 * row, 1, row}, HS, width);
            scale_row(keys, packed_cols_count(width, HS), a.scale);
            pack_b(values, {v + s0 * row, row, 1}, width, HS);
            for (Index t = t0; t < t1; t += kTileRows) {
                const Index rows = min(kTileRows, t1 - t);
                const Index seen = min(width, a.keys_seen(t + rows - 1) - s0);
                if (seen <= 0) continue;
                multiply_in_place(p, kKeys, {q + t * row, row, 1}, keys, HS, rows,
                                  whole_vectors(seen), HS, false);
                for (Index r = 0; r < rows; ++r) {
                    Real* line = p + r * kKeys;
                    const Index n = min(width, a.keys_seen(t + r) - s0);
                    const Real factor = meet_keys(line, n, &largest[t + r], &total[t + r - t0]);
                    if (s0 > 0 && factor != 1) scale_row(out + (t + r) * C, HS, factor);
                    if (a.drops) {
                        each_in_row(n, [&](Index s, Index) {
                            store(line + s, load(line + s) * a.mask(head, t + r, s0 + s));
                        });
                    }
                    clear_future(line, n, seen);
                }
                multiply_in_place(out + t * C, C, {p, kKeys, 1}, values, width, rows, HS, seen,
                                  s0 > 0);
            }
        }
        // The division of the softmax comes last: HS numbers a row instead of up to T.
        for (Index t = t0; t < t1; ++t) {
            scale_row(out + t * C, HS, 1 / total[t - t0]);
            lse[head * T + t] = largest[t] + log(total[t - t0]);
        }
    });
}

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    if (B * T * NH == 0) return;
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    // A task is a span of queries that meets a span of keys: it adds into dq of the first, dk and
    // dv of the second. In one round no two tasks share either, so each sum has one fixed order.
    for (Index round = 0; round < a.spans; ++round) {
        parallel_for(B * NH * a.spans, 1, [=](Index task, Index) {
            const Index head = task / a.spans, queries = task % a.spans;
            const Index others = (round + a.spans - queries) % a.spans;
            if (causal && others > queries) return;
            const Index t_begin = queries * a.span, t_end = min(T, t_begin + a.span);
            const Index s_begin = others * a.span, s_end = min(T, s_begin + a.span);
            const Index HS = a.HS, row = 3 * C, at = head / NH * T, column = head % NH * HS;
            const Real *q = qkv + at * row + column, *k = q + C, *v = q + 2 * C;
            Real *dq = dqkv + at * row + column, *dk = dq + C, *dv = dq + 2 * C;
            const Real *dout = dy + at * C + column, *out = y + at * C + column;
            Real* keys_t = scratch(2, packed_cols_count(kKeys, HS));       // k^T: (HS, kKeys)
            Real* values_t = scratch(3, packed_cols_count(kKeys, HS));     // v^T: (HS, kKeys)
            Real* keys = scratch(4, packed_cols_count(HS, kKeys));         // k: (kKeys, HS)
            Real* block_q = scratch(5, packed_cols_count(HS, kQueries));   // q: (kQueries, HS)
            Real* block_dy = scratch(6, packed_cols_count(HS, kQueries));  // dy: (kQueries, HS)
            Real* dot = scratch(7, a.span);  // sum_s p[s] dp[s] = dy y
            alignas(64) Real p[kQueries * kKeys], ds[kQueries * kKeys];
            for (Index t = t_begin; t < t_end; ++t)
                dot[t - t_begin] = row_dot(dout + t * C, out + t * C, HS);
            for (Index s0 = s_begin; s0 < s_end; s0 += kKeys) {
                const Index width = min(kKeys, s_end - s0);
                pack_b(keys_t, {k + s0 * row, 1, row}, HS, width);
                scale_row(keys_t, packed_cols_count(width, HS), a.scale);
                pack_b(values_t, {v + s0 * row, 1, row}, HS, width);
                pack_b(keys, {k + s0 * row, row, 1}, width, HS);
                for (Index t0 = t_begin; t0 < t_end; t0 += kQueries) {
                    const Index rows = min(kQueries, t_end - t0);
                    const Index all_seen = min(width, a.keys_seen(t0 + rows - 1) - s0);
                    if (all_seen <= 0) continue;
                    for (Index r0 = 0; r0 < rows; r0 += kTileRows) {
                        const Index r1 = min(rows, r0 + kTileRows), t = t0 + r0;
                        const Index seen = min(width, a.keys_seen(t0 + r1 - 1) - s0);
                        if (seen <= 0) continue;
                        Real *p0 = p + r0 * kKeys, *ds0 = ds + r0 * kKeys;
                        // The scores again, and dp = dy v^T.
                        multiply_in_place(p0, kKeys, {q + t * row, row, 1}, keys_t, HS, r1 - r0,
                                          whole_vectors(seen), HS, false);
                        multiply_in_place(ds0, kKeys, {dout + t * C, C, 1}, values_t, HS, r1 - r0,
                                          whole_vectors(seen), HS, false);
                        for (Index r = r0; r < r1; ++r) {
                            Real *line = p + r * kKeys, *grad = ds + r * kKeys;
                            const Index n = min(width, a.keys_seen(t0 + r) - s0);
                            const Real shift = lse[head * T + t0 + r], d = dot[t0 + r - t_begin];
                            each_in_row(n, [&](Index s, Index w) {
                                const Vec e = exp_below(load(line + s) - shift);
                                const Vec mask = a.drops ? a.mask(head, t0 + r, s0 + s) : all(1);
                                const Vec de = e * (load(grad + s) * mask - d) * a.scale;
                                store(line + s, first_lanes(w, e * mask, 0));
                                store(grad + s, first_lanes(w, de, 0));
                            });
                            clear_future(line, n, all_seen);
                            clear_future(grad, n, all_seen);
                        }
                        // scores = q k^T, so dq += ds k
                        multiply_in_place(dq + t * row, row, {ds0, kKeys, 1}, keys, width, r1 - r0,
                                          HS, seen, true);
                    }
                    // and dk += ds^T q; y = p v, so dv += p^T dy. (p^T is p with its two steps
                    // exchanged.) A strip of keys meets the queries from the first that sees it on.
                    pack_b(block_q, {q + t0 * row, row, 1}, rows, HS);
                    pack_b(block_dy, {dout + t0 * C, C, 1}, rows, HS);
                    for (Index s = 0; s < all_seen; s += kTileRows) {
                        const Index count = min(kTileRows, all_seen - s);
                        const Index from = causal && s0 + s > t0 ? s0 + s - t0 : 0;
                        multiply_in_place(
                            dv + (s0 + s) * row, row, {p + from * kKeys + s, 1, kKeys},
                            block_dy + from * kTileCols, rows, count, HS, rows - from, true);
                        multiply_in_place(
                            dk + (s0 + s) * row, row, {ds + from * kKeys + s, 1, kKeys},
                            block_q + from * kTileCols, rows, count, HS, rows - from, true);
                    }
                }
            }
        });
    }
}

GRADUS_KERNELS_END
