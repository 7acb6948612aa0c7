// SPDX-License-Identifier: MIT
#include "tensor/kv_cache.h"

#include <algorithm>
#include <cstring>

#include "tensor/int8_block.h"
#include "tensor/ops.h"

namespace gradus {

std::string to_string(CacheFormat format) {
    switch (format) {
        case CacheFormat::f32:
            return "f32";
        case CacheFormat::bf16:
            return "bf16";
        case CacheFormat::int8:
            return "int8";
    }
    return "";
}

CacheFormat cache_format(const std::string& name) {
    for (const CacheFormat format : {CacheFormat::f32, CacheFormat::bf16, CacheFormat::int8})
        if (name == to_string(format)) return format;
    throw std::invalid_argument("a KV cache is kept in f32, bf16 or int8, not in \"" + name + "\"");
}

inline namespace GRADUS_PRECISION {
namespace naive {

void attention_kept(Real* y, const Real* q, const KeptVectors& k, const KeptVectors& v,
                    const AttentionShape& a) {
    AttentionShape floats = a;
    // Widens what is kept; the rest, which no query sees, stays 0.
    const auto widened = [&](const KeptVectors& x, Index size, HeadStrides& strides) {
        std::vector<Real> all(static_cast<std::size_t>(a.B * a.kv_heads * a.Tk * size));
        strides = {a.kv_heads * a.Tk * size, size, a.Tk * size};
        for (Index row = 0; row < a.B * a.kv_heads; ++row) {
            const Index n = a.keys ? a.keys[row / a.kv_heads] : a.Tk, from = row * x.capacity;
            Real* to = all.data() + row * a.Tk * size;
            if (x.format == CacheFormat::bf16)
                widen_bf16(to, static_cast<const std::uint16_t*>(x.data) + from * size, n * size);
            else
                dequantise_int8(to, static_cast<const std::int8_t*>(x.data) + from * int8_row(size),
                                x.scale + from * int8_blocks(size), n, size);
        }
        return all;
    };
    const std::vector<Real> keys = widened(k, a.key_size, floats.k),
                            values = widened(v, a.value_size, floats.v);
    std::vector<Real> lse(static_cast<std::size_t>(a.B * a.heads * a.Tq));
    attention_forward(y, lse.data(), q, keys.data(), values.data(), nullptr, floats);
}

}  // namespace naive

namespace {

Index vector_bytes(CacheFormat format, Index size) {
    if (format == CacheFormat::int8) return int8_row(size);
    return size * (format == CacheFormat::bf16 ? 2 : static_cast<Index>(sizeof(Real)));
}

std::byte* vector_at(const KvHalf& half, Index number) {
    return reinterpret_cast<std::byte*>(half.data.data()) +
           number * vector_bytes(half.format, half.shape[3]);
}

Real* scales_at(const KvHalf& half, Index number) {
    return half.scale.data() + number * int8_blocks(half.shape[3]);
}

Index number_of(const KvHalf& half, Index b, Index h, Index position) {
    return (b * half.shape[1] + h) * half.shape[2] + position;
}

}  // namespace

Index kept_bytes(const Shape& shape, CacheFormat format) {
    const Index scales = format == CacheFormat::int8 ? int8_blocks(shape[3]) : 0;
    return shape.rows() *
           (vector_bytes(format, shape[3]) + scales * static_cast<Index>(sizeof(Real)));
}

KvHalf::KvHalf(const Shape& its_shape, CacheFormat its_format)
    : format(its_format), shape(its_shape) {
    constexpr auto kBytes = static_cast<Index>(sizeof(Real));
    const Index needed = shape.rows() * vector_bytes(format, shape[3]);
    data = Tensor::empty({(needed + kBytes - 1) / kBytes});
    if (format == CacheFormat::int8) scale = Tensor::empty(shape.with(3, int8_blocks(shape[3])));
}

KeptVectors KvHalf::kept() const {
    return {format, shape[2], data.data(), scale.defined() ? scale.data() : nullptr};
}

void KvHalf::put(const Real* x, Index b, Index h, Index position) const {
    const Index size = shape[3], number = number_of(*this, b, h, position);
    std::byte* to = vector_at(*this, number);
    switch (format) {
        case CacheFormat::f32:
            std::memcpy(to, x, static_cast<std::size_t>(size) * sizeof(Real));
            return;
        case CacheFormat::bf16:
            return ops().round_bf16(reinterpret_cast<std::uint16_t*>(to), x, size);
        case CacheFormat::int8:
            return ops().quantise_int8(reinterpret_cast<std::int8_t*>(to), scales_at(*this, number),
                                       x, 1, size);
    }
}

void KvHalf::copy(const KvHalf& from, Index from_b, Index b, Index h, Index count) const {
    const Index size = shape[3], to = number_of(*this, b, h, 0),
                first = number_of(from, from_b, h, 0);
    const auto bytes = static_cast<std::size_t>(count * vector_bytes(format, size));
    std::memcpy(vector_at(*this, to), vector_at(from, first), bytes);
    if (scale.defined())
        std::copy_n(scales_at(from, first), count * int8_blocks(size), scales_at(*this, to));
}

KvCache::KvCache(Index B, Index kv_heads, Index capacity, Index key_size, Index value_size,
                 CacheFormat format)
    : keys({B, kv_heads, capacity, key_size}, format),
      values({B, kv_heads, capacity, value_size > 0 ? value_size : key_size}, format),
      lengths(static_cast<std::size_t>(B)) {}

void KvCache::reserve(Index wanted) {
    if (wanted <= capacity()) return;
    for (KvHalf* half : {&keys, &values}) {
        const KvHalf larger(half->shape.with(2, wanted), half->format);
        for (Index b = 0; b < half->shape[0]; ++b)
            for (Index h = 0; h < half->shape[1]; ++h)
                larger.copy(*half, b, b, h, lengths[static_cast<std::size_t>(b)]);
        *half = larger;
    }
}

void KvCache::keep(const std::vector<Index>& sequences) {
    const auto B = static_cast<Index>(sequences.size());
    for (Index b = 0; b < B; ++b) {
        const Index from = sequences[static_cast<std::size_t>(b)];
        if (from == b) continue;
        lengths[static_cast<std::size_t>(b)] = lengths[static_cast<std::size_t>(from)];
        for (const KvHalf* half : {&keys, &values})
            for (Index h = 0; h < half->shape[1]; ++h)
                half->copy(*half, from, b, h, lengths[static_cast<std::size_t>(b)]);
    }
    lengths.resize(sequences.size());
    for (KvHalf* half : {&keys, &values}) half->shape = half->shape.with(0, B);
}

namespace {

// Puts the vectors of position t of sequence b, one of each head, at position `at` of the cache.
void append(const KvHalf& half, const Real* x, const HeadStrides& strides, Index b, Index t,
            Index at) {
    for (Index h = 0; h < half.shape[1]; ++h)
        half.put(x + b * strides.batch + t * strides.position + h * strides.head, b, h, at);
}

HeadStrides strides_of(const KvHalf& half) {
    const Index row = half.shape[3], head = half.shape[2] * row;
    return {half.shape[1] * head, row, head};
}

Tensor attend(AttentionInputs in, KvCache& cache, const AttentionOptions& options) {
    AttentionShape& a = in.shape;
    const Shape &keys = cache.keys.shape, &values = cache.values.shape;
    require(keys.rank() == 4 && values.rank() == 4 && values == keys.with(3, values[3]) &&
                static_cast<Index>(cache.lengths.size()) == keys[0],
            "attention_cached: the cache has keys {}, values {} and {} lengths", keys, values,
            cache.lengths.size());
    const Shape k{a.B, a.kv_heads, cache.capacity(), a.key_size}, v = k.with(3, a.value_size);
    require(keys == k && values == v,
            "attention_cached: keys {} and values {} do not fit the cache, {} and {}", k, v, keys,
            values);
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
    if (cache.keys.format != CacheFormat::f32) {
        ops().attention_kept(y.data(), in.q, cache.keys.kept(), cache.values.kept(), a);
        return y;
    }
    const Tensor lse = Tensor::empty({a.B, a.heads, a.Tq});
    ops().attention_forward(y.data(), lse.data(), in.q, cache.keys.data.data(),
                            cache.values.data.data(), nullptr, a);
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
