// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/attention.h"
#include "autograd/rotary.h"
#include "nn/layers/linear.h"
#include "tensor/kv_cache.h"

namespace gradus {

// Causal attention as in Llama: queries and keys are rotated by their positions, and several heads of
// queries may share one head of keys and values.   (B, T, C) -> (B, T, C)
struct RotaryAttention {
    Linear q;           // (C, heads HS)
    Linear k, v;        // (C, kv_heads HS)
    Linear projection;  // (heads HS, C)
    AttentionOptions options;
    RotaryTable table;  // of all positions; attentions with the same one share it
    RotaryPairs pairs = RotaryPairs::halves;

    RotaryAttention() = default;
    // table: for vectors of HS numbers. qkv_bias: in q, k and v, as Qwen2 has it.
    RotaryAttention(Index width, Index head_size, const AttentionOptions& how,
                    const RotaryTable& angles, RotaryPairs order, Initialiser& init, Bias qkv_bias,
                    Bias projection_bias, double projection_stddev)
        : q(width, how.heads * head_size, init, qkv_bias, 0.02),
          k(width, how.kv_heads * head_size, init, qkv_bias, 0.02),
          v(width, how.kv_heads * head_size, init, qkv_bias, 0.02),
          projection(how.heads * head_size, width, init, projection_bias, projection_stddev),
          options(how),
          table(angles),
          pairs(order) {}

    // The queries or keys of T positions, of which the first has index `first`, rotated.
    Variable rotated(const Linear& part, const Variable& x, Index first = 0) const {
        return rotary(
            part(x), table,
            {.size = q.out() / options.heads,
             .pairs = pairs,
             .offsets = std::vector<Index>(static_cast<std::size_t>(x.shape()[0]), first)});
    }
    Variable operator()(const Variable& x) const {
        return projection(attention(rotated(q, x), rotated(k, x), v(x), options));
    }
    // The same for new positions that follow those in the cache, which has as many of each sequence.
    // No graph: for generation.
    Variable operator()(const Variable& x, KvCache& cache) const {
        const Index first = cache.lengths[0];
        return projection(attention_cached(rotated(q, x, first).value(),
                                           rotated(k, x, first).value(), v(x).value(), cache,
                                           options));
    }
    void parameters(auto&& visit) {
        visit("q", q);
        visit("k", k);
        visit("v", v);
        visit("projection", projection);
    }
};

}  // namespace gradus
