// SPDX-License-Identifier: MIT
// Lesson 24, given: a cache, the weights of a GPT as tensors, and the steps of lesson 21 for tensors.
#pragma once

#include <algorithm>
#include <vector>

#include "lessons/16-attention/yours.h"
#include "lessons/21-gpt/yours.h"
#include "lessons/learn.h"
#include "lessons/must_hold.h"
#include "tensor/elementwise.h"
#include "tensor/tensor.h"

namespace gradus::lessons {

// What one block keeps of the places that it has read: their keys and values, row after row, the
// oldest first. Empty at the start.
struct Cache {
    std::vector<Real> k, v;  // (length, C) each
    Index length = 0;        // places
};

// The weights of a block and of a GPT, under the names of lesson 21. A norm's weight is its gain.
struct BlockWeights {
    Tensor norm1_gain, norm1_bias;        // (C)
    Tensor qkv, qkv_bias;                 // (C, 3 C), (3 C)
    Tensor projection, projection_bias;   // (C, C), (C)
    Tensor norm2_gain, norm2_bias;        // (C)
    Tensor up, up_bias, down, down_bias;  // (C, 4 C), (4 C), (4 C, C), (C)
};
struct GptWeights {
    Tensor token, position;  // (V, C), (P, C)
    std::vector<BlockWeights> blocks;
    Tensor norm_gain, norm_bias;  // (C)
    Index NH;                     // heads
};

// The weights of a GPT of lesson 21, found by their names. They stay the model's own: after a step of
// training they are the new ones.
GptWeights weights_of(const std::vector<NamedParameter>& parameters, Index NH);

// x (1, IN) W (IN, OUT) + b (OUT) -> (1, OUT): a layer, lesson 10.
Tensor linear(const Tensor& x, const Tensor& W, const Tensor& b);
// x (1, C), normalised, times gain (C), plus bias (C): lesson 19.
Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias);
Tensor gelu(const Tensor& x);
// x (1, C) times the transpose of table (V, C): a score for each token -> (1, V).
Tensor scores_of(const Tensor& x, const Tensor& table);

// Attention of lesson 16, of one head: scores divided by the root of HS, softmax, mixture.
// q (Tq, HS), k (Tk, HS), v (Tk, VS); the results y (Tq, VS) and the weights p (Tq, Tk) are
// overwritten. Without any keys there is nothing to mix: y is zero.
inline void attention(Real* y, Real* p, const Real* q, const Real* k, const Real* v, Index Tq,
                      Index Tk, Index HS, Index VS) {
    if (Tk < 1) return std::fill_n(y, Tq * VS, Real(0)), void();
    must_hold(y, Tq * VS);
    must_hold(p, Tq * Tk);
    must_hold(q, Tq * HS);
    must_hold(k, Tk * HS);
    must_hold(v, Tk * VS);
    your_attention(y, p, q, k, v, Tq, Tk, HS, VS);
}

}  // namespace gradus::lessons

using gradus::Tensor;
using gradus::lessons::attention;
using gradus::lessons::BlockWeights;
using gradus::lessons::Cache;
using gradus::lessons::gelu;
using gradus::lessons::GptWeights;
using gradus::lessons::layer_norm;
using gradus::lessons::linear;
using gradus::lessons::scores_of;
