// SPDX-License-Identifier: MIT
// Attention in tiles, with an online softmax, which processes a row piece by piece (Milakov,
// Gimelshein 2018, arXiv:1805.02867, algorithm 3; FlashAttention, Dao et al. 2022,
// arXiv:2205.14135, algorithm 1). A tile of kKeys keys and values is packed once, and the queries
// are multiplied by it in strips of kMR, whose scores stay in L1: a thread needs memory for a few
// tiles and two values per query, whatever T is. With a causal mask, each strip ends at the last
// key it sees, so the work is half that of the full square, plus 3 to 7 keys per row. bench:
// ops_bench.
#include "tensor/kernels/attention.h"

GRADUS_KERNELS_BEGIN

namespace {

// The initial maximum. It is finite, so that a row that begins with a tile of -infinity gets
// weights of 0 there; -infinity - (-infinity) would be NaN.
constexpr Real kLowest = sizeof(Real) == 4 ? Real(-__FLT_MAX__) : Real(-__DBL_MAX__);

// The softmax of a row so far; total is the sum of e^(score - largest) over the keys seen.
struct RowState {
    Real* largest;
    Real* total;
};

// Line 9 of algorithm 1: turns n more scores of the row into e^(score - largest). Returns the
// factor by which to rescale the sums of the row so far, as the largest score may have changed.
Real exp_scores(Real* scores, Index n, RowState row) {
    const Real before = *row.largest;
    Vec best = splat(before), sum{};
    each_in_row(
        n, [&](Index s, Index w) { best = max(best, first_lanes(w, load(scores + s), kLowest)); });
    const Real largest = horizontal_max(best);
    each_in_row(n, [&](Index s, Index w) {
        const Vec e = first_lanes(w, exp_below(load(scores + s) - largest), 0);
        sum += e;
        store(scores + s, e);
    });
    const Real factor = *row.total == 0 || largest == before ? 1 : exp(splat(before - largest))[0];
    *row.total = multiply_add(*row.total, factor, horizontal_sum(sum));
    *row.largest = largest;
    return factor;
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    if (B * T * NH == 0) return;
    const Heads a(B, T, C, NH, causal, rate, key);
    parallel_for(B * NH * a.spans, 1, [=](Index task, Index) {
        // Later spans see more keys, so they run first: no thread ends with the longest.
        const Index head = task / a.spans, t0 = (a.spans - 1 - task % a.spans) * a.span;
        const Index t1 = min(T, t0 + a.span), keys_end = a.keys_seen(t1 - 1);
        const Index HS = a.HS, row = 3 * C;  // from one position to the next
        const Real *q = qkv + a.in_qkv(head), *k = q + C, *v = q + 2 * C;
        Real* out = y + a.in_y(head);
        Real* largest = lse + head * T;                           // until the row is done
        Real* total = scratch(5, a.span);                         // sums of e^(score - largest)
        Real* keys_t = scratch(3, packed_cols_count(kKeys, HS));  // scale k^T: (HS, kKeys)
        Real* values = scratch(4, packed_cols_count(HS, kKeys));  // v: (kKeys, HS)
        alignas(64) Real p[kMR * kKeys];
        for (Index t = t0; t < t1; ++t) largest[t] = kLowest, total[t - t0] = 0;
        for (Index s0 = 0; s0 < keys_end; s0 += kKeys) {
            const Index width = min(kKeys, keys_end - s0);
            pack_keys(keys_t, a, k + s0 * row, width);
            pack_b(values, {v + s0 * row, row, 1}, width, HS);
            for (Index t = t0; t < t1; t += kMR) {
                const Index rows = min(kMR, t1 - t);
                const Index seen = min(width, a.keys_seen(t + rows - 1) - s0);
                if (seen <= 0) continue;
                // scores = scale q k^T
                multiply_in_place({p, kKeys, Write::overwrite}, {q + t * row, row, 1}, {keys_t, HS},
                                  rows, whole_vectors(seen), HS);
                // p = mask e^(scores - largest); y so far was summed with the previous largest
                for (Index r = 0; r < rows; ++r) {
                    Real* line = p + r * kKeys;
                    const Index n = min(width, a.keys_seen(t + r) - s0);
                    const Real factor = exp_scores(line, n, {&largest[t + r], &total[t + r - t0]});
                    if (s0 > 0 && factor != 1) scale_row(out + (t + r) * C, HS, factor);
                    if (a.drops) {
                        each_in_row(n, [&](Index s, Index) {
                            store(line + s, load(line + s) * a.mask(head, t + r, s0 + s));
                        });
                    }
                    clear_future(line, n, seen);
                }
                // y += p v
                multiply_in_place(Result{out + t * C, C, Write::overwrite}.from(s0), {p, kKeys, 1},
                                  {values, width}, rows, HS, seen);
            }
        }
        // The softmax's division comes last: on HS values per row instead of up to T.
        for (Index t = t0; t < t1; ++t) {
            scale_row(out + t * C, HS, 1 / total[t - t0]);
            lse[head * T + t] = largest[t] + log(total[t - t0]);
        }
    });
}

GRADUS_KERNELS_END
