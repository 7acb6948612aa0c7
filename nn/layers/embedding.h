// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/embedding.h"
#include "autograd/matmul.h"
#include "nn/module.h"
#include "tensor/stored_weight.h"

namespace gradus {

// A learned row vector for each token.   ids: (...) -> (..., C)
struct Embedding {
    Variable weight;      // (V, C)
    StoredWeight stored;  // (V, C), in place of the weight after store()

    Embedding() = default;
    Embedding(Index vocabulary, Index width, Initialiser& init, double stddev = 0.02)
        : weight(init.normal({vocabulary, width}, stddev)) {}

    Variable operator()(const Tokens& ids) const {
        return stored.defined() ? Variable(embedding_forward(stored, ids)) : embedding(weight, ids);
    }
    // The same table used as the output layer (weight tying): the dot product of x with every
    // token's row.   (..., C) -> (..., V)
    Variable logits(const Variable& x) const {
        return stored.defined() ? linear(x, stored) : matmul(x, weight, Transpose::yes);
    }
    // Keeps the table in this format and drops the floats; from then on it is only read.
    void store(WeightFormat format) {
        require(weight.defined(), "embedding: the table is stored already, in {}",
                to_string(stored.format));
        store(gradus::store(weight.value(), format, WeightLayout::out_in));
    }
    // Takes these values instead. Throws std::invalid_argument if they are of another size.
    void store(const StoredWeight& values) {
        const Shape here = stored.defined() ? stored.shape() : weight.shape();
        require(values.layout == WeightLayout::out_in && values.shape() == here,
                "embedding: a stored table {}, but {} is needed, row by row", values.shape(), here);
        stored = values;
        weight = {};
    }
    // Drops the values, which load() then leaves in a file (nn/files/weights/weights.h).
    void unload() {
        const Shape shape = stored.defined() ? stored.shape() : weight.shape();
        store({WeightFormat::f32, WeightLayout::out_in, shape[0], shape[1], {}, {}});
    }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("weight", stored);
    }
};

}  // namespace gradus
