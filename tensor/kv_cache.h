// SPDX-License-Identifier: MIT
// Attention during generation, a few positions at a time: the keys and values of all earlier
// positions are kept instead of recomputed (Pope et al. 2022, arXiv:2211.05102, section 2.1), so a
// new token costs the same at every position, apart from reading the cache. In a long text that is
// most of what a token reads, so the cache can be kept in 16 or 8 bits.
#pragma once

#include <string>
#include <vector>

#include "tensor/attention.h"
#include "tensor/kept_vectors.h"

namespace gradus {

std::string to_string(CacheFormat format);  // "bf16"
// Throws std::invalid_argument, listing the formats, if there is none of that name.
CacheFormat cache_format(const std::string& name);

inline namespace GRADUS_PRECISION {

// Of the keys or values of this shape (B, kv_heads, capacity, size), scales included.
Index kept_bytes(const Shape& shape, CacheFormat format);

// Half of a cache: the keys, or the values. Copies share their data.
struct KvHalf {
    CacheFormat format = CacheFormat::f32;
    Shape shape;   // (B, kv_heads, capacity, size)
    Tensor data;   // the bytes of all vectors, one after another
    Tensor scale;  // (B, kv_heads, capacity, blocks), in int8

    KvHalf() = default;
    KvHalf(const Shape& shape, CacheFormat format);

    KeptVectors kept() const;
    // Rounds x, `size` numbers, to the format, as the vector of head h of sequence b at this position.
    void put(const Real* x, Index b, Index h, Index position) const;
    // The first `count` vectors of a head of `from` become those of a head here.
    void copy(const KvHalf& from, Index from_b, Index b, Index h, Index count) const;
};

// What one attention layer keeps of B sequences: the keys and values of the first lengths[b]
// positions of sequence b.
struct KvCache {
    KvHalf keys;    // (B, kv_heads, capacity, HS)
    KvHalf values;  // (B, kv_heads, capacity, VS)
    std::vector<Index> lengths;

    KvCache() = default;
    // value_size 0: as large as a key.
    KvCache(Index B, Index kv_heads, Index capacity, Index key_size, Index value_size = 0,
            CacheFormat format = CacheFormat::f32);

    Index capacity() const { return keys.shape[2]; }
    // Makes room for so many positions; what is kept stays.
    void reserve(Index capacity);
    // Drops all sequences but these, which are listed in ascending order.
    void keep(const std::vector<Index>& sequences);
};

// Attention of T new positions of each sequence to those in the cache and to each other, as `mask`
// says; their keys and values are added to the cache first. qkv (B, T, (heads + 2 kv_heads) HS) or
// q, k and v as for attention_forward(); y: (B, T, heads VS). With query_lengths, sequence b has
// only so many new positions. All keys and values are read as the cache has kept them: with
// CacheFormat::bf16 each number within 2^-8 of itself, with int8 within half a step, the largest
// number of its vector (of 128) / 127. Throws std::invalid_argument if sizes do not fit or the cache
// is too small, and then changes nothing.
Tensor attention_cached(const Tensor& qkv, KvCache& cache, const AttentionOptions& options);
Tensor attention_cached(const Tensor& q, const Tensor& k, const Tensor& v, KvCache& cache,
                        const AttentionOptions& options);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
