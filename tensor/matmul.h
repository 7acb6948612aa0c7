// SPDX-License-Identifier: MIT
// Matrix multiplication, its gradient, and the transpose.
#pragma once

#include "tensor/ops.h"
#include "tensor/tensor.h"

namespace gradus {

enum class Transpose { no, yes };  // how the right operand is stored

// c = a b. a: (..., K), its leading axes flattened into M rows; b: (K, N), or (N, K) with
// Transpose::yes, which multiplies by the transpose without building it. Returns (..., N). Throws
// std::invalid_argument if the inner dimensions differ.
Tensor matmul_forward(const Tensor& a, const Tensor& b, Transpose b_transposed = Transpose::no);

// da += dc b^T, db += a^T dc. An undefined da or db is not computed. Write::overwrite ignores what
// da or db held before.
void matmul_backward(const Tensor& dc, const Tensor& a, const Tensor& b, const Tensor& da,
                     const Tensor& db, Transpose b_transposed = Transpose::no,
                     Write write_a = Write::accumulate, Write write_b = Write::accumulate);

inline namespace GRADUS_PRECISION {

// x rounded to 8 significant bits, ties to even; the range stays that of Real.
Real round_to_bf16(Real x);

// While a Bf16Autocast exists, every matrix product and its gradient round their operands to bf16
// and accumulate in Real: faster on processors that multiply bf16 (bf16_unit.h), and with the same
// result on all others up to the order of additions. Weights, gradients and the optimiser's state
// stay in Real (mixed precision: Micikevicius et al. 2018, arXiv:1710.03740; bf16 needs no loss
// scaling).
class Bf16Autocast {
 public:
    Bf16Autocast();

 private:
    ScopedOverride<void(Output, Operand, Operand, Index, Index, Index)> forward_;
    ScopedOverride<void(Output, Output, const Real*, const Real*, Operand, Index, Index, Index)>
        backward_;
};

}  // namespace GRADUS_PRECISION

// Swaps the last two axes: (..., R, C) -> (..., C, R).
Tensor transpose_forward(const Tensor& x);

}  // namespace gradus
