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

    Index keys_seen(Index t) const { return causal ? t + 1 : T; }
    // p[s] *= 1 / (1 - rate) or 0, for row t of a head.
    void drop(Real* p, Index head, Index t) const {
        const auto first = static_cast<std::uint64_t>((head * T + t) * T);
        each_in_row(keys_seen(t), [&](Index s, Index w) {
            store(p + s,
                  load(p + s, w) *
                      kept(key, first + static_cast<std::uint64_t>(s), threshold, kept_scale),
                  w);
        });
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
            dropout_threshold(rate)};
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH, 1, [=](Index begin, Index end) {
        const Index HS = a.HS, row = 3 * C;                   // from one position to the next
        Real* keys = scratch(3, packed_cols_count(T, HS));    // k^T: (HS, T)
        Real* values = scratch(4, packed_cols_count(HS, T));  // v: (T, HS)
        Real* p = scratch(5, kBlock * T);                     // scores, then probabilities
        for (Index head = begin; head < end; ++head) {
            const Real* q = qkv + head / NH * T * row + head % NH * HS;
            pack_b(keys, {q + C, 1, row}, HS, T);
            pack_b(values, {q + 2 * C, row, 1}, T, HS);
            for (Index t0 = 0; t0 < T; t0 += kBlock) {
                const Index rows = min(kBlock, T - t0), seen = a.keys_seen(t0 + rows - 1);
                multiply_in_place(p, T, {q + t0 * row, row, 1}, keys, HS, rows, seen, HS, false);
                for (Index t = t0; t < t0 + rows; ++t) {
                    Real* line = p + (t - t0) * T;
                    const Index n = a.keys_seen(t);
                    each_in_row(n, [=](Index s, Index w) {
                        store(line + s, load(line + s, w) * a.scale, w);
                    });
                    const Real max = row_max(line, n), sum = exp_row(line, line, n, max),
                               inverse = 1 / sum;
                    lse[head * T + t] = max + log(sum);
                    each_in_row(n, [=](Index s, Index w) {
                        store(line + s, load(line + s, w) * inverse, w);
                    });
                    if (rate > 0) a.drop(line, head, t);
                    for (Index s = n; s < seen; ++s)
                        line[s] = 0;  // the future, inside the block on the diagonal
                }
                multiply_in_place(y + (head / NH * T + t0) * C + head % NH * HS, C, {p, T, 1},
                                  values, T, rows, HS, seen, false);
            }
        }
    });
}

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    const Heads a = heads(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH, 1, [=](Index begin, Index end) {
        const Index HS = a.HS, row = 3 * C;
        Real* keys_t = scratch(3, packed_cols_count(T, HS));    // k^T: (HS, T)
        Real* values_t = scratch(4, packed_cols_count(T, HS));  // v^T: (HS, T)
        Real* keys = scratch(5, packed_cols_count(HS, T));      // k: (T, HS)
        Real* block =
            scratch(6, packed_cols_count(HS, kBlock));  // a block of q or of dy: (rows, HS)
        Real* p = scratch(7, 2 * kBlock * T);           // probabilities
        Real* ds = p + kBlock * T;                      // dLoss/dp, then dLoss/dscore
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
                multiply_in_place(p, T, {q + t0 * row, row, 1}, keys_t, HS, rows, seen, HS, false);
                multiply_in_place(ds, T, {dout, C, 1}, values_t, HS, rows, seen, HS, false);
                for (Index t = t0; t < t0 + rows; ++t) {
                    Real *line = p + (t - t0) * T, *grad = ds + (t - t0) * T;
                    const Real shift = lse[head * T + t];
                    const Real dot =
                        row_dot(dout + (t - t0) * C, out + (t - t0) * C, HS);  // = sum_s p[s] dp[s]
                    const Index n = a.keys_seen(t);
                    if (rate > 0) a.drop(grad, head, t);
                    each_in_row(n, [=](Index s, Index w) {
                        const Vec prob = exp(load(line + s, w) * a.scale - shift);
                        store(line + s, prob, w);
                        store(grad + s, prob * (load(grad + s, w) - dot) * a.scale, w);
                    });
                    if (rate > 0) a.drop(line, head, t);
                    for (Index s = n; s < seen; ++s) line[s] = grad[s] = 0;
                }

                // In the forward pass this was y = p v, so dv += p^T dy. (p^T is p read with its
                // steps exchanged.)
                pack_b(block, {dout, C, 1}, rows, HS);
                multiply_in_place(dv, row, {p, 1, T}, block, rows, seen, HS, rows, true);
                // and scores = q k^T, so dq += ds k and dk += ds^T q.
                multiply_in_place(dq + t0 * row, row, {ds, T, 1}, keys, T, rows, HS, seen, true);
                pack_b(block, {q + t0 * row, row, 1}, rows, HS);
                multiply_in_place(dk, row, {ds, 1, T}, block, rows, seen, HS, rows, true);
            }
        }
    });
}

GRADUS_KERNELS_END
