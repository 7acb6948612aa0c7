// SPDX-License-Identifier: MIT
#pragma once

#include "nn/layers/attention.h"
#include "nn/layers/layer_norm.h"
#include "nn/layers/mlp.h"

namespace gradus {

// One layer of a transformer, pre-norm: attention, then the MLP, each added to the residual stream.
// (B, T, C) -> (B, T, C)
template <class Norm, class Attention, class Mlp>
struct PreNormBlock {
    Norm norm1;
    Attention attention;
    Norm norm2;
    Mlp mlp;

    // When text is generated, with a KvCache.
    Variable operator()(Variable x, auto&... cache) const {
        x = x + attention(norm1(x), cache...);
        return x + mlp(norm2(x));
    }
    void parameters(auto&& visit) {
        visit("norm1", norm1);
        visit("attention", attention);
        visit("norm2", norm2);
        visit("mlp", mlp);
    }
};

using Block = PreNormBlock<LayerNorm, CausalSelfAttention, Mlp>;  // GPT-2's

}  // namespace gradus
