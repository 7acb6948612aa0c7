// SPDX-License-Identifier: MIT
// Products of matrices on variables.
#pragma once

#include "autograd/variable.h"
#include "tensor/matmul.h"

namespace gradus {

// a b, or a b^T with Transpose::yes. a: (..., K), b: (K, N) or (N, K), result: (..., N).
Variable matmul(const Variable& a, const Variable& b, Transpose b_transposed = Transpose::no);

// x weight + bias. x: (..., IN), weight: (IN, OUT), bias: (OUT) or undefined; result: (..., OUT).
Variable linear(const Variable& x, const Variable& weight, const Variable& bias);

Variable transpose(const Variable& x);  // the last two axes exchanged

}  // namespace gradus
