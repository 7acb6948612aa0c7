// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/attention.h"
#include "nn/layers/dropout.h"
#include "nn/layers/linear.h"
#include "tensor/kv_cache.h"

namespace gradus {

// Every position attends to itself and the positions before it.   (B, T, C) -> (B, T, C)
struct CausalSelfAttention {
    Linear qkv;         // (C, 3C): query, key and value of all heads side by side
    Linear projection;  // (C, C)
    Index heads = 1;
    Dropout drop;  // on the attention probabilities and on the output

    CausalSelfAttention() = default;
    CausalSelfAttention(Index width, Index head_count, Initialiser& init, Bias bias,
                        double projection_stddev, Real dropout)
        : qkv(width, 3 * width, init, bias, 0.02),
          projection(width, width, init, bias, projection_stddev),
          heads(head_count),
          drop{dropout} {}

    Variable operator()(const Variable& x) const {
        AttentionOptions options{.heads = heads};
        if (drop.rate > 0 && TrainMode::active()) {
            options.dropout = drop.rate;
            options.key = TrainMode::next_dropout_key();
        }
        return drop(projection(attention(qkv(x), options)));
    }
    // The same for new positions that follow those in the cache; their keys and values are appended
    // to the cache. No graph, no dropout: for generation.
    Variable operator()(const Variable& x, KvCache& cache) const {
        return projection(attention_cached(qkv(x).value(), cache, {.heads = heads}));
    }
    void parameters(auto&& visit) {
        visit("qkv", qkv);
        visit("projection", projection);
    }
};

}  // namespace gradus
