// SPDX-License-Identifier: MIT
// Multi-head scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1 and
// section 3.2.2), and its gradient. Heads are read in place from (B, T, 3C): no tensor is
// transposed or copied. No (T, T) matrix is kept: backward recomputes the probabilities from one
// number per row (Dao et al. 2022, arXiv:2205.14135, section 3.1).
#pragma once

#include "tensor/tensor.h"

namespace gradus {

struct AttentionOptions {
    Index heads = 1;
    bool causal = true;     // position t sees only s <= t
    Real dropout = 0;       // rate for the probabilities, in [0, 1)
    std::uint64_t key = 0;  // for the dropout mask
};

struct AttentionForward {
    Tensor y;    // (B, T, C)
    Tensor lse;  // (B, NH, T): log of each softmax's denominator, kept for backward
};

// y[t] = sum_s p[t,s] v[s], p = softmax(q k^T / sqrt(HS)).   qkv: (B, T, 3C) query, key and value
// side by side. Throws std::invalid_argument unless C is a multiple of heads.
AttentionForward attention_forward(const Tensor& qkv, const AttentionOptions& options);

// dqkv += the gradient with respect to all three parts.
void attention_backward(const Tensor& dy, const Tensor& qkv, const AttentionForward& forward,
                        const AttentionOptions& options, const Tensor& dqkv);

// The probabilities themselves, (B, NH, T, T), where row t attends to column s: for plots, not for
// training.
Tensor attention_probabilities(const Tensor& qkv, const AttentionOptions& options);

}  // namespace gradus
