// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/attention.h"

namespace gradus {

// Multi-head attention over qkv (B, T, 3C): query, key and value side by side. Result: (B, T, C).
Variable attention(const Variable& qkv, const AttentionOptions& options);

}  // namespace gradus
