// SPDX-License-Identifier: MIT
// The sizes of an attention: how many queries, keys and heads there are, where their vectors lie,
// and which keys a query sees. Types only, so that the kernel files may include it (see
// kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

// Elements from a vector to the next one along each axis; within a vector they are contiguous.
struct HeadStrides {
    Index batch, position, head;
};

inline namespace GRADUS_PRECISION {

// Query t of sequence b is at position p = t + offset[b] among the keys, and sees those of the keys
// p - before ... p + after that exist.
struct AttentionShape {
    Index B, Tq, Tk;             // sequences, and the queries and keys of each
    Index heads, kv_heads;       // query head h reads key-value head h / (heads / kv_heads)
    Index key_size, value_size;  // of a head
    HeadStrides q, k, v;         // y is contiguous: (B, Tq, heads, value_size)
    Real scale;                  // of the scores q k^T
    Index before, after;         // both up to kUnlimited

    // One number per sequence; null means the same for all of them.
    const Index* offset = nullptr;   // null: Tk - Tq, the last query is at the last key
    const Index* queries = nullptr;  // how many of the Tq are there, the rest is padding
    const Index* keys = nullptr;     // how many of the Tk

    Real dropout = 0;  // of the probabilities: (b, h, t, s) is number ((b heads + h) Tq + t) Tk + s
    std::uint64_t key = 0;  // for its mask
};

constexpr Index kUnlimited = Index{1} << 60;

}  // namespace GRADUS_PRECISION
}  // namespace gradus
