// SPDX-License-Identifier: MIT
// Matrix products of variables.
#pragma once

#include "autograd/variable.h"
#include "tensor/int8.h"
#include "tensor/matmul.h"

namespace gradus {

// a b, or a b^T with Transpose::yes. a: (..., K), b: (K, N) or (N, K), result: (..., N).
Variable matmul(const Variable& a, const Variable& b, Transpose b_transposed = Transpose::no);

// x weight + bias. x: (..., IN), weight: (IN, OUT), bias: (OUT) or undefined; result: (..., OUT).
Variable linear(const Variable& x, const Variable& weight, const Variable& bias);

// The same with an 8-bit weight, stored as (OUT, IN). No gradient flows through it: throws
// std::invalid_argument if x needs a gradient.
Variable linear_int8(const Variable& x, const Int8Matrix& weight, const Variable& bias = {});

Variable transpose(const Variable& x);  // swaps the last two axes

}  // namespace gradus
