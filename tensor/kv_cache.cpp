// SPDX-License-Identifier: MIT
#include "tensor/kv_cache.h"

#include <algorithm>

namespace gradus {
inline namespace GRADUS_PRECISION {

KvCache::KvCache(Index B, Index kv_heads, Index capacity, Index key_size, Index value_size)
    : keys(Tensor::empty({B, kv_heads, capacity, key_size})),
      values(Tensor::empty({B, kv_heads, capacity, value_size > 0 ? value_size : key_size})),
      lengths(static_cast<std::size_t>(B)) {}

namespace {

// Copies the vectors of position t of sequence b, one of each head, to position `at` of the cache.
void append(const Tensor& kept, const Real* x, const HeadStrides& strides, Index b, Index t,
            Index at) {
    const Index heads = kept.size(1), capacity = kept.size(2), size = kept.size(3);
    for (Index h = 0; h < heads; ++h)
        std::copy_n(x + b * strides.batch + t * strides.position + h * strides.head, size,
                    kept.data() + ((b * heads + h) * capacity + at) * size);
}

HeadStrides strides_of(const Tensor& kept) {
    const Index row = kept.size(3), head = kept.size(2) * row;
    return {kept.size(1) * head, row, head};
}

Tensor attend(AttentionInputs in, KvCache& cache, const AttentionOptions& options) {
    AttentionShape& a = in.shape;
    require(cache.keys.rank() == 4 && cache.values.rank() == 4 &&
                cache.values.shape() == cache.keys.shape().with(3, cache.values.size(3)) &&
                static_cast<Index>(cache.lengths.size()) == cache.keys.size(0),
            "attention_cached: the cache has keys {}, values {} and {} lengths", cache.keys.shape(),
            cache.values.shape(), cache.lengths.size());
    const Shape k{a.B, a.kv_heads, cache.keys.size(2), a.key_size}, v = k.with(3, a.value_size);
    require(cache.keys.shape() == k && cache.values.shape() == v,
            "attention_cached: keys {} and values {} do not fit the cache, {} and {}", k, v,
            cache.keys.shape(), cache.values.shape());
    require(options.offsets.empty() && options.key_lengths.empty(),
            "attention_cached: offsets and key lengths are those of the cache");
    require(a.dropout == 0, "attention_cached: is for generation, without dropout");
    std::vector<Index> lengths = cache.lengths;
    a.Tk = 0;
    for (Index b = 0; b < a.B; ++b) {
        Index& length = lengths[static_cast<std::size_t>(b)];
        const Index added = a.queries ? a.queries[b] : a.Tq;
        require(length + added <= k[2],
                "attention_cached: {} positions and {} more are too many for a cache of {}", length,
                added, k[2]);
        length += added;
        a.Tk = std::max(a.Tk, length);
    }
    for (Index b = 0; b < a.B; ++b)
        for (Index at = cache.lengths[static_cast<std::size_t>(b)], t = 0;
             at < lengths[static_cast<std::size_t>(b)]; ++at, ++t) {
            append(cache.keys, in.k, a.k, b, t, at);
            append(cache.values, in.v, a.v, b, t, at);
        }
    const std::vector<Index> past = cache.lengths;
    cache.lengths = lengths;
    a.k = strides_of(cache.keys), a.v = strides_of(cache.values);
    a.offset = past.data(), a.keys = lengths.data();
    Tensor y = Tensor::empty({a.B, a.Tq, a.heads * a.value_size});
    const Tensor lse = Tensor::empty({a.B, a.heads, a.Tq});
    ops().attention_forward(y.data(), lse.data(), in.q, cache.keys.data(), cache.values.data(),
                            nullptr, a);
    return y;
}

}  // namespace

Tensor attention_cached(const Tensor& qkv, KvCache& cache, const AttentionOptions& options) {
    return attend(attention_inputs(qkv, options), cache, options);
}

Tensor attention_cached(const Tensor& q, const Tensor& k, const Tensor& v, KvCache& cache,
                        const AttentionOptions& options) {
    return attend(attention_inputs(q, k, v, options), cache, options);
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
