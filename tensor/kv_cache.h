// SPDX-License-Identifier: MIT
// Attention during generation, a few positions at a time: the keys and values of all earlier
// positions are kept instead of recomputed (Pope et al. 2022, arXiv:2211.05102, section 2.1), so a
// new token costs the same at every position, apart from reading the cache.
#pragma once

#include <vector>

#include "tensor/attention.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// What one attention layer keeps of B sequences: the keys and values of the first lengths[b]
// positions of sequence b. Copies share their data.
struct KvCache {
    Tensor keys;    // (B, kv_heads, capacity, HS)
    Tensor values;  // (B, kv_heads, capacity, VS)
    std::vector<Index> lengths;

    KvCache() = default;
    // value_size 0: as large as a key.
    KvCache(Index B, Index kv_heads, Index capacity, Index key_size, Index value_size = 0);
};

// Attention of T new positions of each sequence to those in the cache and to each other, as `mask`
// says; their keys and values are added to the cache first. qkv (B, T, (heads + 2 kv_heads) HS) or
// q, k and v as for attention_forward(); y: (B, T, heads VS). With query_lengths, sequence b has
// only so many new positions. Throws std::invalid_argument if sizes do not fit or the cache is too
// small, and then changes nothing.
Tensor attention_cached(const Tensor& qkv, KvCache& cache, const AttentionOptions& options);
Tensor attention_cached(const Tensor& q, const Tensor& k, const Tensor& v, KvCache& cache,
                        const AttentionOptions& options);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
