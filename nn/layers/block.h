// SPDX-License-Identifier: MIT
#pragma once

#include "nn/layers/attention.h"
#include "nn/layers/layer_norm.h"
#include "nn/layers/mlp.h"

namespace gradus {

// One layer of a GPT, pre-norm: attention, then the MLP, each added to the residual stream.
// (B, T, C) -> (B, T, C)
struct Block {
    LayerNorm norm1;
    CausalSelfAttention attention;
    LayerNorm norm2;
    Mlp mlp;

    Variable operator()(Variable x) const {
        x = x + attention(norm1(x));
        return x + mlp(norm2(x));
    }
    Variable operator()(Variable x, KvCache& cache) const {
        x = x + attention(norm1(x), cache);
        return x + mlp(norm2(x));
    }
    void parameters(auto&& visit) {
        visit("norm1", norm1);
        visit("attention", attention);
        visit("norm2", norm2);
        visit("mlp", mlp);
    }
};

}  // namespace gradus
