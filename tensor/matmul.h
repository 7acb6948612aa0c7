// SPDX-License-Identifier: MIT
// Matrix multiplication, its gradient, and the exchange of two axes.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

enum class Transpose { no, yes };  // how the right operand is stored

// c = a b. a: (..., K), its leading axes taken together as M rows; b: (K, N), or (N, K) with
// Transpose::yes, which multiplies by the transpose without moving it. Returns (..., N). Throws
// std::invalid_argument if the inner sizes differ.
Tensor matmul_forward(const Tensor& a, const Tensor& b, Transpose b_transposed = Transpose::no);

// da += dc b^T, db += a^T dc. An undefined da or db is not wanted and not computed.
void matmul_backward(const Tensor& dc, const Tensor& a, const Tensor& b, const Tensor& da,
                     const Tensor& db, Transpose b_transposed = Transpose::no);

// The last two axes exchanged: (..., R, C) -> (..., C, R).
Tensor transpose_forward(const Tensor& x);

}  // namespace gradus
