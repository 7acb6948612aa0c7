// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/embedding.h"
#include "autograd/matmul.h"
#include "nn/module.h"
#include "tensor/int8.h"

namespace gradus {

// A learned row vector for each token.   ids: (...) -> (..., C)
struct Embedding {
    Variable weight;  // (V, C)
    Int8Matrix int8;  // (V, C): replaces the weight after quantise()

    Embedding() = default;
    Embedding(Index vocabulary, Index width, Initialiser& init, double stddev = 0.02)
        : weight(init.normal({vocabulary, width}, stddev)) {}

    Variable operator()(const Tokens& ids) const {
        return int8.defined() ? Variable(embedding_int8(int8, ids)) : embedding(weight, ids);
    }
    // The same table used as the output layer (weight tying): the dot product of x with every
    // token's row.   (..., C) -> (..., V)
    Variable logits(const Variable& x) const {
        return int8.defined() ? linear_int8(x, int8) : matmul(x, weight, Transpose::yes);
    }
    // Quantises the table to 8 bits and frees the floats; it cannot be trained afterwards.
    void quantise() {
        int8 = quantise_int8(weight.value());
        weight = {};
    }
    void parameters(auto&& visit) { visit("weight", weight); }
};

}  // namespace gradus
