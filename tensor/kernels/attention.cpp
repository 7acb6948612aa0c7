// SPDX-License-Identifier: MIT
// Attention in tiles, with an online softmax, which processes a row piece by piece (Milakov,
// Gimelshein 2018, arXiv:1805.02867, algorithm 3; FlashAttention, Dao et al. 2022,
// arXiv:2205.14135, algorithm 1). A tile of kKeys keys and values is packed once, and the queries
// are multiplied by it in strips of kMR, whose scores stay in L1: a thread needs memory for a few
// tiles and two values per query, whatever Tk is. With a causal mask, each strip ends at the last
// key it sees, so the work is half that of the full square, plus 3 to 7 keys per row. bench:
// ops_bench.
#include "tensor/kernels/attention.h"

#include "tensor/int8_block.h"
#include "tensor/kernels/matvec.h"

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

// Line 9 of algorithm 1: turns the scores of the keys seen into e^(score - largest). Returns the
// factor by which to rescale the sums of the row so far, as the largest score may have changed.
template <class Seen>
Real exp_scores(Real* scores, Seen seen, RowState row) {
    const Index begin = seen.begin & -kLanes;
    const Real before = *row.largest;
    Vec best = splat(before), sum{};
    fill_unseen(scores, seen, kMinusInfinity);  // whose weights are e^-infinity = 0
    for (Index s = begin; s < seen.end; s += kLanes) best = max(best, load(scores + s));
    const Real largest = horizontal_max(best);
    for (Index s = begin; s < seen.end; s += kLanes) {
        const Vec e = exp_below(load(scores + s) - largest);
        sum += e;
        store(scores + s, e);
    }
    const Real factor = *row.total == 0 || largest == before ? 1 : exp(splat(before - largest))[0];
    *row.total = multiply_add(*row.total, factor, horizontal_sum(sum));
    *row.largest = largest;
    return factor;
}

// The end of a row: y holds sum_s e^(score - largest) v[s]. The softmax's division comes last: on
// value_size numbers per row instead of up to Tk.
void finish_row(Real* y, Real* lse, Index size, Real largest, Real total) {
    if (total == 0) {  // no key had a weight
        clear_row(y, size);
        *lse = kMinusInfinity;
        return;
    }
    scale_row(y, size, 1 / total);
    *lse = largest + log(total);
}

// Where the keys or the values of a head are: floats, in place. A call returns those of n positions from
// s on; they are `row` numbers apart.
struct InPlace {
    const Real* data;
    Index row;
    static constexpr Index kMost = kUnlimited;  // positions per call
    const Real* operator()(Index s, Index) const { return data + s * row; }
};
// Numbers of 16 or 8 bits, widened where they are needed, a few positions at a time, so that they stay
// in the L1 cache: 32 vectors of 64 floats are 8 KiB.
struct Widened {
    const KeptVectors& kept;
    Index first, row;  // the number of the head's first vector, and the size of each
    Real* room;        // for a tile of them
    static constexpr Index kMost = 32;
    const Real* operator()(Index s, Index n) const {
        const Index at = first + s;
        if (kept.format == CacheFormat::bf16)
            widen_bf16(room, static_cast<const std::uint16_t*>(kept.data) + at * row, n * row);
        else
            dequantise_int8(room, static_cast<const std::int8_t*>(kept.data) + at * int8_row(row),
                            kept.scale + at * int8_blocks(row), n, row);
        return room;
    }
};

// The queries t0, ..., t1 - 1 of a head.
template <class Source>
void attend(const Head& head, Index t0, Index t1, Real* y, Real* lse, const Real* q, Source k,
            Source v, const Real* bias) {
    const AttentionShape& a = head.a;
    const Index padding = max(t0, min(t1, head.queries)), VS = a.value_size, out_row = head.y_row();
    for (Index t = padding; t < t1; ++t) finish_row(y + t * out_row, lse + t, VS, 0, 0);
    t1 = padding;
    if (t0 == t1) return;
    Real* largest = lse;                                              // until the row is done
    Real* total = scratch(5, t1 - t0);                                // sums of e^(score - largest)
    Real* keys_t = scratch(3, packed_cols_count(kKeys, a.key_size));  // scale k^T: (HS, kKeys)
    Real* values = scratch(4, packed_cols_count(VS, kKeys));          // v: (kKeys, VS)
    alignas(64) Real p[kMR * kKeys];
    for (Index t = t0; t < t1; ++t) largest[t] = kLowest, total[t - t0] = 0;
    const Range all = head.seen(t0, t1 - t0);
    for (Index s0 = all.begin / kKeys * kKeys; s0 < all.end; s0 += kKeys) {
        const Index width = min(kKeys, all.end - s0);
        pack_keys(keys_t, a, {k(s0, width), k.row, 1}, width);
        pack_b(values, {v(s0, width), v.row, 1}, width, VS);
        for (Index t = t0; t < t1; t += kMR) {
            const Index rows = min(kMR, t1 - t);
            const Range strip = head.seen(t, rows).within(s0, width);
            if (strip.empty()) continue;
            const bool first = head.seen(t).begin >= s0;  // the first tile of this strip
            // scores = scale q k^T
            multiply_in_place({p, kKeys, Write::overwrite}, {q + t * a.q.position, a.q.position, 1},
                              {keys_t, a.key_size}, rows, whole_vectors(strip.end), a.key_size);
            // p = mask e^(scores - largest); y so far was summed with the previous largest
            head.each_row(t, rows, s0, width, [&](Index r, auto seen) {
                Real* line = p + r * kKeys;
                if (bias) add_bias(line, bias + head.bias(t + r) + s0, seen);
                const Real factor = exp_scores(line, seen, {&largest[t + r], &total[t + r - t0]});
                if (!first && factor != 1) scale_row(y + (t + r) * out_row, VS, factor);
                if (head.drops) {
                    each_seen(seen, [&](Index s, auto) {
                        store(line + s, load(line + s) * head.mask(t + r, s0 + s));
                    });
                }
                clear_unseen(line, seen, whole_vectors(strip.end));
            });
            // y += p v
            multiply_in_place(
                {y + t * out_row, out_row, first ? Write::overwrite : Write::accumulate},
                {p, kKeys, 1}, {values, width}, rows, VS, strip.end);
        }
    }
    for (Index t = t0; t < t1; ++t)
        finish_row(y + t * out_row, lse + t, VS, largest[t], total[t - t0]);
}

// A few new queries to many old keys, as when text is generated: two matrix-vector products for
// each (matvec.h), which read every key and value once, front to back. Those of a head must be
// contiguous.
template <class Source>
void attend_by_rows(const Head& head, Real* y, Real* lse, const Real* q, Source k, Source v,
                    const Real* bias) {
    const AttentionShape& a = head.a;
    const Index VS = a.value_size;
    Real* p = scratch(3, a.Tk);
    for (Index t = 0; t < a.Tq; ++t, y += head.y_row(), ++lse) {
        const Range seen = head.seen(t);
        const Index n = seen.end - seen.begin;
        clear_row(y, VS);
        if (t >= head.queries || n <= 0) {
            *lse = kMinusInfinity;
            continue;
        }
        for (Index s = 0; s < n; s += Source::kMost) {
            const Index some = min(Source::kMost, n - s);
            dot_rows(p + s, q + t * a.q.position, k(seen.begin + s, some), some, a.key_size);
        }
        scale_row(p, n, a.scale);
        if (bias) add_bias(p, bias + head.bias(t) + seen.begin, Leading{n});
        const Real top = row_max(p, n), largest = top > kLowest ? top : kLowest;
        const Real total = exp_row(p, p, n, largest);
        for (Index s = 0; s < n; s += Source::kMost) {
            const Index some = min(Source::kMost, n - s);
            add_rows(y, p + s, n, v(seen.begin + s, some), 1, some, VS);
        }
        finish_row(y, lse, VS, largest, total);
    }
}

// Few queries, to more keys: a product with a matrix would hardly reuse what it packs.
inline bool are_few(const AttentionShape& a) {
    return a.Tq <= 4 && a.Tq < a.Tk;
}

// Runs body(head, t0, t1) for all queries of every head, in spans t0, ..., t1 - 1, on all threads.
template <class Body>
void each_span(const AttentionShape& a, Body body) {
    const Spans spans(a.Tq, a.B * a.heads);
    parallel_for(a.B * a.heads * spans.count, 1, [=, &a](Index task, Index) {
        // Later spans see more keys, so they run first: no thread ends with the longest.
        const Index row = task / spans.count;
        const Index t0 = (spans.count - 1 - task % spans.count) * spans.size;
        body(Head{a, row / a.heads, row % a.heads}, t0, min(a.Tq, t0 + spans.size));
    });
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                       const Real* bias, const AttentionShape& a) {
    if (a.B * a.Tq * a.heads == 0) return;
    const bool contiguous = a.k.position == a.key_size && a.v.position == a.value_size;
    each_span(a, [=, &a](const Head& head, Index t0, Index t1) {
        Real *out = y + head.y(), *out_lse = lse + head.row;
        const Real* queries = q + head.q();
        const InPlace keys{k + head.k(), a.k.position}, values{v + head.v(), a.v.position};
        if (contiguous && a.dropout == 0 && are_few(a))
            attend_by_rows(head, out, out_lse, queries, keys, values, bias);
        else
            attend(head, t0, t1, out, out_lse, queries, keys, values, bias);
    });
}

void attention_kept(Real* y, const Real* q, const KeptVectors& k, const KeptVectors& v,
                    const AttentionShape& a) {
    if (a.B * a.Tq * a.heads == 0) return;
    each_span(a, [=, &a](const Head& head, Index t0, Index t1) {
        Real *room = scratch(6, kKeys * max(a.key_size, a.value_size)), *lse = scratch(7, a.Tq);
        const Index kv = head.b * a.kv_heads + head.kv;
        const Widened keys{k, kv * k.capacity, a.key_size, room},
            values{v, kv * v.capacity, a.value_size, room};
        if (are_few(a))
            attend_by_rows(head, y + head.y(), lse, q + head.q(), keys, values, nullptr);
        else
            attend(head, t0, t1, y + head.y(), lse, q + head.q(), keys, values, nullptr);
    });
}

GRADUS_KERNELS_END
