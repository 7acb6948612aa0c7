// SPDX-License-Identifier: MIT
// Lesson 13, given: the weights of a model that reads letters, and the names of the library that it
// is written with.
#pragma once

#include "autograd/elementwise.h"
#include "autograd/shape.h"
#include "autograd/softmax.h"
#include "lessons/10-modules/yours.h"
#include "lessons/learn.h"
#include "tensor/tokens.h"

namespace gradus::lessons {

// Rows of letters and, for each letter, the one that follows it: both (B, T).
struct Examples {
    Tokens inputs, targets;
};

// K letters -> K rows of the table, side by side -> hidden units -> a score for each letter.
struct LetterModel {
    Variable table;        // (V, C)
    Layer hidden, scores;  // weights (K C, H) and (H, V): your Linear of lesson 10
    Index K;

    LetterModel(Index V, Index context, Index C, Index H, Initialiser init)
        : table(init.normal({V, C}, 0.3)),
          hidden(context * C, H, init),
          scores(H, V, init),
          K(context) {}
    void parameters(auto&& visit) {
        visit("table", table), visit("hidden", hidden), visit("scores", scores);
    }
};

}  // namespace gradus::lessons

using gradus::record;
using gradus::reshape;
using gradus::Tensor;
using gradus::Tokens;
using gradus::Variable;
using gradus::lessons::Examples;
using gradus::lessons::LetterModel;
