// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/attention.h"

namespace gradus {

// Multi-head attention over qkv (B, T, (heads + 2 kv_heads) HS), with queries, keys and values side
// by side (tensor/attention.h). -> (B, T, heads HS)
Variable attention(const Variable& qkv, const AttentionOptions& options);

// The same with each in a variable of its own: q (B, Tq, heads HS), k (B, Tk, kv_heads HS) and
// v (B, Tk, kv_heads VS), and with a bias (heads, Tq, Tk) on the scores, or an undefined one.
// -> (B, Tq, heads VS)
Variable attention(const Variable& q, const Variable& k, const Variable& v,
                   const AttentionOptions& options, const Variable& bias = {});

}  // namespace gradus
