// SPDX-License-Identifier: MIT
// KV caches in every format: what is kept is the vector as the format rounds it, wherever sequences
// are moved to, and attention reads it as if it were floats.
#include "tensor/kv_cache.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tensor/elementwise.h"
#include "tensor/ops.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

constexpr CacheFormat kFormats[] = {CacheFormat::f32, CacheFormat::bf16, CacheFormat::int8};

// x (..., size) with every vector as a cache of this format gives it back.
Tensor as_kept(const Tensor& x, Index size, CacheFormat format) {
    const KvHalf half({1, 1, x.count() / size, size}, format);
    for (Index i = 0; i < x.count() / size; ++i) half.put(x.data() + i * size, 0, 0, i);
    if (format == CacheFormat::f32) return half.data.reshape(x.shape());
    const Tensor y = Tensor::empty(x.shape());
    const KeptVectors kept = half.kept();
    if (format == CacheFormat::bf16)
        naive::widen_bf16(y.data(), kept.data, x.count());
    else
        naive::dequantise_int8(y.data(), static_cast<const std::int8_t*>(kept.data), kept.scale,
                               x.count() / size, size);
    return y;
}

struct Sizes {
    Index B, heads, kv_heads, key_size, value_size;
};
const std::vector<Sizes> kSizes = {
    {1, 1, 1, 1, 1}, {2, 2, 2, 5, 3}, {3, 4, 2, 16, 16}, {1, 3, 1, 33, 130}, {2, 2, 1, 64, 64}};

}  // namespace

TEST_CASE("attention through a cache is attention to the rounded keys and values, in any pieces") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        for (const Sizes& s : kSizes) {
            for (const CacheFormat format : kFormats) {
                CAPTURE(to_string(format));
                CAPTURE(s.key_size);
                constexpr Index T = 75;  // more than is widened at a time
                const Tensor q = uniform({s.B, T, s.heads * s.key_size}, 1),
                             k = uniform({s.B, T, s.kv_heads * s.key_size}, 2),
                             v = uniform({s.B, T, s.kv_heads * s.value_size}, 3);
                const AttentionOptions options{.heads = s.heads, .kv_heads = s.kv_heads};
                const Tensor all = attention_forward(q, as_kept(k, s.key_size, format),
                                                     as_kept(v, s.value_size, format), options)
                                       .y;
                for (const Index step : {Index{1}, Index{4}, Index{7}, T}) {
                    CAPTURE(step);
                    KvCache cache(s.B, s.kv_heads, T, s.key_size, s.value_size, format);
                    const auto part = [&](const Tensor& x, Index t, Index n) {
                        const Index C = x.size(2);
                        const Tensor piece = Tensor::empty({s.B, n, C});
                        for (Index b = 0; b < s.B; ++b)
                            std::copy_n(x.data() + (b * T + t) * C, n * C,
                                        piece.data() + b * n * C);
                        return piece;
                    };
                    for (Index t = 0; t < T; t += step) {
                        const Index n = std::min(step, T - t);
                        const Tensor y = attention_cached(part(q, t, n), part(k, t, n),
                                                          part(v, t, n), cache, options);
                        CHECK(largest_difference(y, part(all, t, n)) < 100 * kEps);
                    }
                }
            }
        }
    }
}

TEST_CASE("bf16 keeps a number within 2^-8 of itself, int8 within half a step of its vector") {
    const Index size = 33, rows = 20;
    const Tensor x = uniform({rows, size}, 4);
    const Tensor bf16 = as_kept(x, size, CacheFormat::bf16),
                 int8 = as_kept(x, size, CacheFormat::int8);
    CHECK(same_bits(as_kept(x, size, CacheFormat::f32), x));
    for (Index r = 0; r < rows; ++r) {
        double largest = 0;
        for (Index i = 0; i < size; ++i)
            largest = std::max(largest, std::abs(static_cast<double>(x[r * size + i])));
        for (Index i = r * size; i < (r + 1) * size; ++i) {
            const auto before = static_cast<double>(x[i]);
            CHECK(std::abs(static_cast<double>(bf16[i]) - before) <= std::abs(before) / 256);
            CHECK(std::abs(static_cast<double>(int8[i]) - before) <= 0.5001 * largest / 127);
        }
    }
    CHECK(largest_difference(bf16, x) > 1e-4);  // they do round
    CHECK(largest_difference(int8, x) > 1e-4);
    CHECK(kept_bytes({2, 3, 10, 33}, CacheFormat::f32) ==
          60 * 33 * static_cast<Index>(sizeof(Real)));
    CHECK(kept_bytes({2, 3, 10, 33}, CacheFormat::bf16) == 60 * 66);
    CHECK(kept_bytes({2, 3, 10, 33}, CacheFormat::int8) ==
          60 * (48 + static_cast<Index>(sizeof(Real))));
}

TEST_CASE("a cache that grows, or loses sequences, goes on as if it had always been so") {
    for (const CacheFormat format : kFormats) {
        CAPTURE(to_string(format));
        const AttentionOptions options{.heads = 3};
        const Index C = 3 * 3 * 7;
        const Tensor past = uniform({4, 5, C}, 5), next = uniform({2, 1, C}, 6);
        KvCache moved(4, 3, 5, 7, 0, format);  // full after `past`
        attention_cached(past, moved, options);
        moved.keep({1, 3});
        moved.reserve(9);
        CHECK(moved.capacity() == 9);
        CHECK(moved.lengths == std::vector<Index>{5, 5});
        moved.reserve(3);  // there is room already
        CHECK(moved.capacity() == 9);
        const Tensor two = Tensor::empty({2, 5, C});
        two.slice(0, 1).copy_from(past.slice(1, 2));
        two.slice(1, 2).copy_from(past.slice(3, 4));
        KvCache fresh(2, 3, 9, 7, 0, format);
        attention_cached(two, fresh, options);
        CHECK(same_bits(attention_cached(next, moved, options),
                        attention_cached(next, fresh, options)));
    }
}

TEST_CASE("cache formats have names") {
    for (const CacheFormat format : kFormats) CHECK(cache_format(to_string(format)) == format);
    CHECK_THROWS_WITH_AS(cache_format("fp16"),
                         "a KV cache is kept in f32, bf16 or int8, not in \"fp16\"",
                         std::invalid_argument);
}
