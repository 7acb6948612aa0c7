// SPDX-License-Identifier: MIT
// Lesson 12, given: the network, whose layers are yours of lesson 10, and the names of the library that
// it is trained with.
#pragma once

#include <numeric>

#include "autograd/cross_entropy.h"
#include "autograd/elementwise.h"
#include "autograd/softmax.h"
#include "lessons/10-modules/yours.h"
#include "lessons/learn.h"
#include "nn/data/strokes.h"
#include "nn/train/optimiser.h"

namespace gradus::lessons {

// Two layers: P pixels -> H hidden units -> D scores, one for each digit.
struct Reader {
    Layer hidden, scores;  // weights (P, H) and (H, D), biases (H) and (D)

    explicit Reader(Initialiser init, Index P = 144, Index H = 32, Index D = 10)
        : hidden(P, H, init), scores(H, D, init) {}
    void parameters(auto&& visit) { visit("hidden", hidden), visit("scores", scores); }
};

}  // namespace gradus::lessons

using gradus::AdamW;
using gradus::cross_entropy;
using gradus::LabelledImages;
using gradus::named_parameters;
using gradus::Random;
using gradus::Tensor;
using gradus::Tokens;
using gradus::Variable;
using gradus::lessons::Reader;
