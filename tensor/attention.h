// SPDX-License-Identifier: MIT
// Multi-head scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1 and
// section 3.2.2), and its gradient. Heads are read in place: no tensor is transposed or copied.
// No (Tq, Tk) matrix is kept: backward recomputes the probabilities from one number per row (Dao et
// al. 2022, arXiv:2205.14135, section 3.1).
//
// Queries, keys and values come packed, as the columns of one tensor, or apart:
//     qkv (B, T, (heads + 2 kv_heads) HS), queries first, then keys, then values, heads side by side
//     q (B, Tq, heads HS), k (B, Tk, kv_heads HS), v (B, Tk, kv_heads VS)
// with key size HS and value size VS.
#pragma once

#include <optional>
#include <vector>

#include "tensor/ops.h"
#include "tensor/tensor.h"

namespace gradus {

// Which keys a query sees: those up to `before` positions before its own and `after` after it. With
// Tq != Tk the last query is at the position of the last key.
struct AttentionMask {
    Index before = kUnlimited, after = kUnlimited;

    static constexpr AttentionMask none() { return {}; }
    static constexpr AttentionMask causal() { return {kUnlimited, 0}; }
    // Causal, with only the last n keys (Beltagy et al. 2020, arXiv:2004.05150, section 3.1).
    static constexpr AttentionMask window(Index n) { return {n - 1, 0}; }
    bool operator==(const AttentionMask&) const = default;
};

struct AttentionOptions {
    Index heads = 1;
    // Heads of keys and values, each read by heads / kv_heads heads of queries (Ainslie et al.
    // 2023, arXiv:2305.13245). 0: as many as there are heads.
    Index kv_heads = 0;
    AttentionMask mask = AttentionMask::causal();
    std::optional<Real> scale = {};  // of q k^T, by default 1 / sqrt(HS)
    Real dropout = 0;                // rate for the probabilities, in [0, 1)
    std::uint64_t key = 0;           // for the dropout mask
    // For each sequence, how many of its queries and keys there are; empty: all. The rest is
    // padding, which is neither read nor given a gradient; y is 0 there.
    std::vector<Index> query_lengths = {}, key_lengths = {};
    // The position of each sequence's first query among its keys; empty: Tk - Tq.
    std::vector<Index> offsets = {};
};

struct AttentionForward {
    Tensor y;    // (B, Tq, heads VS)
    Tensor lse;  // (B, heads, Tq): log of each softmax's denominator, kept for backward
};

// y[t] = sum_s p[t,s] v[s], p = softmax(scale q k^T + bias). bias: (heads, Tq, Tk), the same for
// every sequence, or undefined. A query that sees no key, or only scores of -infinity, gets 0. Throws std::invalid_argument if
// sizes do not fit.
AttentionForward attention_forward(const Tensor& qkv, const AttentionOptions& options);
AttentionForward attention_forward(const Tensor& q, const Tensor& k, const Tensor& v,
                                   const AttentionOptions& options, const Tensor& bias = {});

// dqkv += the gradient with respect to all three parts.
void attention_backward(const Tensor& dy, const Tensor& qkv, const AttentionForward& forward,
                        const AttentionOptions& options, const Tensor& dqkv);
// dq, dk, dv, dbias += theirs; one that is undefined is not computed.
struct AttentionGradients {
    Tensor q, k, v, bias;
};
void attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                        const AttentionForward& forward, const AttentionOptions& options,
                        const AttentionGradients& gradients, const Tensor& bias = {});

// The probabilities themselves, (B, heads, Tq, Tk), where row t attends to column s: for plots,
// not for training.
Tensor attention_probabilities(const Tensor& qkv, const AttentionOptions& options);
Tensor attention_probabilities(const Tensor& q, const Tensor& k, const Tensor& v,
                               const AttentionOptions& options, const Tensor& bias = {});

// Attention whose arrays and sizes have been checked, for whoever calls the operation itself.
struct AttentionInputs {
    AttentionShape shape;
    const Real *q, *k, *v;
};
AttentionInputs attention_inputs(const Tensor& qkv, const AttentionOptions& options);
AttentionInputs attention_inputs(const Tensor& q, const Tensor& k, const Tensor& v,
                                 const AttentionOptions& options);

}  // namespace gradus
