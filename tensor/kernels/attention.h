// SPDX-License-Identifier: MIT
// Shared by the two passes of attention (attention.cpp, attention_backward.cpp): where a head lies
// in memory, which keys its queries see, how its work is split into tasks and tiles, and loops over
// one row of scores.
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

// The split of positions into spans, given the number of tasks without it.
struct Spans {
    Index size, count;
    Spans(Index positions, Index tasks) {
        const Index wanted = min(ceil_div(kTasks, tasks), ceil_div(positions, kKeys));
        size = ceil_div(ceil_div(positions, wanted), kKeys) * kKeys;
        count = ceil_div(positions, size);
    }
};

// A range of keys, [begin, end), empty unless begin < end.
struct Range {
    Index begin, end;
    bool empty() const { return begin >= end; }
    // The part of it within [at, at + width), relative to `at`.
    Range within(Index at, Index width) const {
        const Range part{max(0, begin - at), min(width, end - at)};
        return part.empty() ? Range{0, 0} : part;
    }
};

// A range that is known to begin at the first key of a tile, so that no loop looks for its begin.
struct Leading {
    static constexpr Index begin = 0;
    Index end;
};

// One query head h of sequence b.
struct Head {
    const AttentionShape& a;
    Index b, h;
    Index kv = h / (a.heads / a.kv_heads);
    Index row = (b * a.heads + h) * a.Tq;  // of its first query, in lse
    Index queries = a.queries ? a.queries[b] : a.Tq, keys = a.keys ? a.keys[b] : a.Tk;
    // Query t sees those of the keys t + begin, ..., t + end - 1 that exist.
    Index offset = a.offset ? a.offset[b] : a.Tk - a.Tq;
    Index begin = offset - a.before, end = offset + a.after + 1;
    // The threshold of the dropout mask, and the scale of probabilities that are kept.
    bool drops = a.dropout > 0;
    std::uint32_t threshold = dropout_threshold(a.dropout);
    Real kept_scale = 1 / (1 - a.dropout);

    // The offsets of its vectors.
    Index q() const { return b * a.q.batch + h * a.q.head; }
    Index k() const { return b * a.k.batch + kv * a.k.head; }
    Index v() const { return b * a.v.batch + kv * a.v.head; }
    Index y() const { return (b * a.Tq * a.heads + h) * a.value_size; }
    Index y_row() const { return a.heads * a.value_size; }
    Index bias(Index t) const { return (h * a.Tq + t) * a.Tk; }

    // The keys that query t sees. Neither end ever decreases with t.
    Range seen(Index t) const { return {max(0, t + begin), min(keys, t + end)}; }
    // The keys that at least one of the queries t, ..., t + n - 1 sees.
    Range seen(Index t, Index n) const { return {seen(t).begin, seen(t + n - 1).end}; }

    // Runs body(r, seen) for the rows r of a strip, the queries t + r; `seen` are the keys of the
    // tile [s0, s0 + width) that the row sees. Under a causal mask all rows see the tile's first key:
    // this is decided once per strip, so that no row has to look for the begin of its range.
    template <class Body>
    void each_row(Index t, Index rows, Index s0, Index width, Body body) const {
        if (seen(t + rows - 1).begin <= s0)
            for (Index r = 0; r < rows; ++r)
                body(r, Leading{max(0, min(width, seen(t + r).end - s0))});
        else
            for (Index r = 0; r < rows; ++r) body(r, seen(t + r).within(s0, width));
    }

    // 1 / (1 - rate) or 0 for the keys s, s + 1, ... of query t.
    Vec mask(Index t, Index s) const {
        return kept(a.key, static_cast<std::uint64_t>((row + t) * a.Tk + s), threshold, kept_scale);
    }
};

// Scores are computed in whole vectors, a few keys more than needed: cheaper than a partial store.
inline Index whole_vectors(Index n) {
    return (n + kLanes - 1) & -kLanes;
}

// Keeps the lanes of v, the keys s, s + 1, ..., that are in the range, with `fill` in the others.
struct Inside {
    Range seen;
    Vec operator()(Index s, Vec v, Real fill) const {
        const IntVec key = iota() + static_cast<Integer>(s);
        const IntVec from = key >= static_cast<Integer>(seen.begin);
        return select(from & (key < static_cast<Integer>(seen.end)), v, splat(fill));
    }
};
struct First {  // where the first n are
    Index n;
    Vec operator()(Index, Vec v, Real fill) const {
        return select(iota() < static_cast<Integer>(n), v, splat(fill));
    }
};
struct All {  // where all of them are
    Vec operator()(Index, Vec v, Real) const { return v; }
};

// Runs body(s, only) for each vector of a row that holds a key of the range; `only` is one of the
// above.
template <class Seen, class Body>
void each_seen(Seen seen, Body body) {
    Index s = seen.begin & -kLanes;
    if (s < seen.begin) {
        body(s, Inside{{seen.begin, seen.end}});
        s += kLanes;
    }
    for (; s + kLanes <= seen.end; s += kLanes) body(s, All{});
    if (s < seen.end) body(s, First{seen.end - s});
}

// Stores `fill` in the unseen lanes of those vectors of a row that hold a key of the range.
template <class Seen>
void fill_unseen(Real* line, Seen seen, Real fill) {
    const auto fix = [=](Index s, auto only) { store(line + s, only(s, load(line + s), fill)); };
    const Index first = seen.begin & -kLanes, last = seen.end & -kLanes;
    if (first < seen.begin) fix(first, Inside{{seen.begin, seen.end}});
    if (last < seen.end) fix(last, First{seen.end - last});
}

// Clears the vectors of a row that hold no key of the range.
template <class Seen>
void clear_unseen(Real* line, Seen seen, Index width) {
    for (Index s = 0; s + kLanes <= seen.begin; s += kLanes) store(line + s, Vec{});
    for (Index s = whole_vectors(seen.end); s < width; s += kLanes) store(line + s, Vec{});
}

inline void scale_row(Real* y, Index n, Real factor) {
    each_in_row(n, [=](Index i, Index w) { store(y + i, load(y + i, w) * factor, w); });
}

inline void clear_row(Real* y, Index n) {
    each_in_row(n, [=](Index i, Index w) { store(y + i, Vec{}, w); });
}

// scores += bias, for the keys of the range.
template <class Seen>
void add_bias(Real* scores, const Real* bias, Seen seen) {
    for (Index s = seen.begin; s < seen.end; s += kLanes) {
        const Index w = min(kLanes, seen.end - s);
        store(scores + s, load(scores + s, w) + load(bias + s, w), w);
    }
}

// Packs the keys of a tile as the right operand of q k^T: scale k^T, (key_size, width).
inline void pack_keys(Real* packed, const AttentionShape& a, View keys, Index width) {
    pack_b(packed, keys.transposed(), a.key_size, width);
    scale_row(packed, packed_cols_count(width, a.key_size), a.scale);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
