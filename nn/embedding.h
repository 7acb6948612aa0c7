// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/embedding.h"
#include "nn/module.h"

namespace gradus {

// A trained row of numbers for each token.   ids: (...) -> (..., C)
struct Embedding {
    Variable weight;  // (V, C)

    Embedding() = default;
    Embedding(Index vocabulary, Index width, Initialiser& init, double deviation = 0.02)
        : weight(init.normal({vocabulary, width}, deviation)) {}

    Variable operator()(const Tokens& ids) const { return embedding(weight, ids); }
    void parameters(auto&& visit) { visit("weight", weight); }
};

}  // namespace gradus
