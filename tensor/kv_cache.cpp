// SPDX-License-Identifier: MIT
#include "tensor/kv_cache.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void attention_cached(Real* y, Real* keys, Real* values, const Real* qkv, Index B, Index T, Index C,
                      Index NH, Index past, Index capacity) {
    const Index HS = C / NH;
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS));
    std::vector<Real> p(past + T);
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            Real* k = keys + (b * NH + h) * capacity * HS;  // k[0]; positions are HS apart
            Real* v = values + (b * NH + h) * capacity * HS;
            for (Index t = 0; t < T; ++t) {
                const Real* q = qkv + (b * T + t) * 3 * C + h * HS;
                Real* out = y + (b * T + t) * C + h * HS;
                const Index n = past + t + 1;  // positions that t sees, including itself
                std::copy_n(q + C, HS, k + (n - 1) * HS);
                std::copy_n(q + 2 * C, HS, v + (n - 1) * HS);
                for (Index s = 0; s < n; ++s) {
                    Real dot = 0;
                    for (Index i = 0; i < HS; ++i) dot += q[i] * k[s * HS + i];
                    p[s] = dot * scale;
                }
                naive::softmax_forward(p.data(), p.data(), 1, n);
                std::fill_n(out, HS, Real(0));
                for (Index s = 0; s < n; ++s)
                    for (Index i = 0; i < HS; ++i) out[i] += p[s] * v[s * HS + i];
            }
        }
    }
}

}  // namespace naive

KvCache::KvCache(Index B, Index heads, Index capacity, Index head_size)
    : keys(Tensor::empty({B, heads, capacity, head_size})),
      values(Tensor::empty({B, heads, capacity, head_size})) {}

Tensor attention_cached(const Tensor& qkv, KvCache& cache) {
    require(cache.keys.defined() && cache.keys.rank() == 4 &&
                cache.values.shape() == cache.keys.shape(),
            "attention_cached: the cache has keys {} and values {}", cache.keys.shape(),
            cache.values.shape());
    const Index B = cache.keys.size(0), NH = cache.keys.size(1), capacity = cache.keys.size(2),
                C = NH * cache.keys.size(3);
    require(qkv.rank() == 3 && qkv.size(0) == B && qkv.size(2) == 3 * C,
            "attention_cached: queries, keys and values {} do not fit the cache {}", qkv.shape(),
            cache.keys.shape());
    const Index T = qkv.size(1);
    require(cache.length + T <= capacity,
            "attention_cached: {} positions and {} more are too many for a cache of {}",
            cache.length, T, capacity);
    Tensor y = Tensor::empty({B, T, C});
    ops().attention_cached(y.data(), cache.keys.data(), cache.values.data(), qkv.data(), B, T, C,
                           NH, cache.length, capacity);
    cache.length += T;
    return y;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
