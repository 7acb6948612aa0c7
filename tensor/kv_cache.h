// SPDX-License-Identifier: MIT
// Attention during generation, a few positions at a time: the keys and values of all earlier
// positions are kept instead of recomputed (Pope et al. 2022, arXiv:2211.05102, section 2.1), so a
// new token costs the same at every position, apart from reading the cache.
#pragma once

#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// The keys and values of one attention layer for `length` positions of B sequences. Copies share
// their data.
struct KvCache {
    Tensor keys, values;  // (B, NH, capacity, HS)
    Index length = 0;

    KvCache() = default;
    KvCache(Index B, Index heads, Index capacity, Index head_size);
};

// y[t] = sum_s p[t,s] v[s], p = softmax(q k^T / sqrt(HS)), over the positions in the cache and the
// new ones up to t.   qkv: (B, T, 3C) for T new positions, whose keys and values are added to the
// cache; y: (B, T, C). Throws std::invalid_argument if shapes do not fit or the cache is too small.
Tensor attention_cached(const Tensor& qkv, KvCache& cache);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
