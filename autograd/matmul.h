// SPDX-License-Identifier: MIT
// Matrix products of variables.
#pragma once

#include "autograd/variable.h"
#include "tensor/matmul.h"
#include "tensor/stored_weight.h"

namespace gradus {

// a b, or a b^T with Transpose::yes. a: (..., K), b: (K, N) or (N, K), result: (..., N).
Variable matmul(const Variable& a, const Variable& b, Transpose b_transposed = Transpose::no);

// x weight + bias. x: (..., IN), weight: (IN, OUT), bias: (OUT) or undefined; result: (..., OUT).
Variable linear(const Variable& x, const Variable& weight, const Variable& bias);

// The same with a weight that is only read. The gradient passes through it to x and bias.
Variable linear(const Variable& x, const StoredWeight& weight, const Variable& bias = {});

Variable transpose(const Variable& x);  // swaps the last two axes

}  // namespace gradus
