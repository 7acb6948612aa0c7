// SPDX-License-Identifier: MIT
// Attention, one head of one sequence per task. The head's keys and values are packed once; then
// blocks of query rows meet all the keys that they may see. Per thread that needs kBlock x T
// numbers of working memory (twice in backward), never T x T, and with a causal mask the blocks
// above the diagonal are not computed at all: half of the work.
#include "tensor/kernels/dropout.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kBlock = 4 * kTileRows;  // query rows at a time

// Sizes and masks that both passes share.
struct Heads {
    Index B, T, C, NH, HS;
    bool causal;
    Real rate;
    std::uint64_t key;
    Real scale, kept_scale;
    std::uint32_t threshold;
    Index pitch;  // T rounded up, so that rows of scores are read and written in whole vectors

    Index keys_seen(Index t) const { return causal ? t + 1 : T; }
    // 1 / (1 - rate) or 0 for the keys s, s + 1, ... of row t of a head.
    Vec mask(Index head, Index t, Index s) const {
        return kept(key, static_cast<std::uint64_t>((head * T + t) * T + s), threshold, kept_scale);
    }
};

Heads heads(Index B, Index T, Index C, Index NH, bool causal, Real rate, std::uint64_t key) {
    const Index HS = C / NH;
    return {B,
            T,
            C,
            NH,
            HS,
            causal,
            rate,
            key,
            1 / sqrt(static_cast<Real>(HS)),
            1 / (1 - rate),
            dropout_threshold(rate),
            ceil_div(T, kTileCols) * kTileCols};
}

// The first n lanes of v, `rest` in the others.
Vec first_lanes(Index n, Vec v, Real rest) {
    return n >= kLanes ? v : select(lane_numbers() < static_cast<Integer>(n), v, all(rest));
}

// Zeros from the vector behind the n-th number on: the future, inside the block on the diagonal.
void clear_future(Real* line, Index n, Index seen) {
    for (Index s = ceil_div(n, kLanes) * kLanes; s < seen; s += kLanes) store(line + s, Vec{});
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH, 1, [=](Index begin, Index end) {
        const Index HS = a.HS, row = 3 * C;                   // from one position to the next
        const Index pitch = a.pitch;                          // from one row of scores to the next
        Real* keys = scratch(3, packed_cols_count(T, HS));    // k^T: (HS, T)
        Real* values = scratch(4, packed_cols_count(HS, T));  // v: (T, HS)
        Real* p = scratch(5, kBlock * pitch);                 // scores, then e^(score - max)
        Real total[kBlock];                                   // their sum
        for (Index head = begin; head < end; ++head) {
            const Real* q = qkv + head / NH * T * row + head % NH * HS;
            pack_b(keys, {q + C, 1, row}, HS, T);
            pack_b(values, {q + 2 * C, row, 1}, T, HS);
            for (Index t0 = 0; t0 < T; t0 += kBlock) {
                const Index rows = min(kBlock, T - t0), seen = a.keys_seen(t0 + rows - 1);
                multiply_in_place(p, pitch, {q + t0 * row, row, 1}, keys, HS, rows, seen, HS,
                                  false);
                for (Index r = 0; r < rows; ++r) {
                    Real* line = p + r * pitch;
                    const Index t = t0 + r, n = a.keys_seen(t);
                    Vec best = all(kMinusInfinity), sum{};
                    for (Index s = 0; s < n; s += kLanes) {
                        const Vec score =
                            first_lanes(n - s, load(line + s) * a.scale, kMinusInfinity);
                        store(line + s, score);
                        best = max(best, score);
                    }
                    const Real largest = horizontal_max(best);
                    for (Index s = 0; s < n; s += kLanes) {
                        const Vec e = exp(load(line + s) - largest);
                        sum += e;
                        store(line + s, rate > 0 ? e * a.mask(head, t, s) : e);
                    }
                    clear_future(line, n, seen);
                    total[r] = horizontal_sum(sum);
                    lse[head * T + t] = largest + log(total[r]);
                }
                // The division of the softmax comes last: HS numbers a row instead of up to T.
                Real* out = y + (head / NH * T + t0) * C + head % NH * HS;
                multiply_in_place(out, C, {p, pitch, 1}, values, T, rows, HS, seen, false);
                for (Index r = 0; r < rows; ++r) {
                    Real* line = out + r * C;
                    const Real inverse = 1 / total[r];
                    each_in_row(HS, [=](Index i, Index w) {
                        store(line + i, load(line + i, w) * inverse, w);
                    });
                }
            }
        }
    });
}

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH, 1, [=](Index begin, Index end) {
        const Index HS = a.HS, row = 3 * C, pitch = a.pitch;
        Real* keys_t = scratch(3, packed_cols_count(T, HS));      // k^T: (HS, T)
        Real* values_t = scratch(4, packed_cols_count(T, HS));    // v^T: (HS, T)
        Real* keys = scratch(5, packed_cols_count(HS, T));        // k: (T, HS)
        Real* block = scratch(6, packed_cols_count(HS, kBlock));  // of q or of dy: (rows, HS)
        Real* p = scratch(7, 2 * kBlock * pitch);                 // probabilities
        Real* ds = p + kBlock * pitch;                            // dLoss/dp, then dLoss/dscore
        for (Index head = begin; head < end; ++head) {
            const Index at = head / NH * T, column = head % NH * HS;
            const Real *q = qkv + at * row + column, *k = q + C, *v = q + 2 * C;
            Real *dq = dqkv + at * row + column, *dk = dq + C, *dv = dq + 2 * C;
            pack_b(keys_t, {k, 1, row}, HS, T);
            pack_b(values_t, {v, 1, row}, HS, T);
            pack_b(keys, {k, row, 1}, T, HS);
            for (Index t0 = 0; t0 < T; t0 += kBlock) {
                const Index rows = min(kBlock, T - t0), seen = a.keys_seen(t0 + rows - 1);
                const Real *dout = dy + (at + t0) * C + column, *out = y + (at + t0) * C + column;

                // The scores again, and dp = dy v^T.
                multiply_in_place(p, pitch, {q + t0 * row, row, 1}, keys_t, HS, rows, seen, HS,
                                  false);
                multiply_in_place(ds, pitch, {dout, C, 1}, values_t, HS, rows, seen, HS, false);
                for (Index r = 0; r < rows; ++r) {
                    Real *line = p + r * pitch, *grad = ds + r * pitch;
                    const Index t = t0 + r, n = a.keys_seen(t);
                    const Real shift = lse[head * T + t];
                    const Real dot = row_dot(dout + r * C, out + r * C, HS);  // = sum_s p[s] dp[s]
                    for (Index s = 0; s < n; s += kLanes) {
                        const Vec prob =
                            first_lanes(n - s, exp(load(line + s) * a.scale - shift), 0);
                        const Vec mask = rate > 0 ? a.mask(head, t, s) : all(1);
                        store(line + s, prob * mask);
                        store(
                            grad + s,
                            first_lanes(n - s, prob * (load(grad + s) * mask - dot) * a.scale, 0));
                    }
                    clear_future(line, n, seen);
                    clear_future(grad, n, seen);
                }

                // In the forward pass this was y = p v, so dv += p^T dy. (p^T is p with its two
                // steps exchanged.)
                pack_b(block, {dout, C, 1}, rows, HS);
                multiply_in_place(dv, row, {p, 1, pitch}, block, rows, seen, HS, rows, true);
                // and scores = q k^T, so dq += ds k and dk += ds^T q.
                multiply_in_place(dq + t0 * row, row, {ds, pitch, 1}, keys, T, rows, HS, seen,
                                  true);
                pack_b(block, {q + t0 * row, row, 1}, rows, HS);
                multiply_in_place(dk, row, {ds, 1, pitch}, block, rows, seen, HS, rows, true);
            }
        }
    });
}

GRADUS_KERNELS_END
