// SPDX-License-Identifier: MIT
// Matrix multiplication, its gradient, and the exchange of two axes.
#pragma once

#include "tensor/ops.h"
#include "tensor/tensor.h"

namespace gradus {

enum class Transpose { no, yes };  // how the right operand is stored

// c = a b. a: (..., K), its leading axes taken together as M rows; b: (K, N), or (N, K) with
// Transpose::yes, which multiplies by the transpose without moving it. Returns (..., N). Throws
// std::invalid_argument if the inner sizes differ.
Tensor matmul_forward(const Tensor& a, const Tensor& b, Transpose b_transposed = Transpose::no);

// da += dc b^T, db += a^T dc. An undefined da or db is not wanted and not computed. With
// Write::overwrite what da or db held does not matter.
void matmul_backward(const Tensor& dc, const Tensor& a, const Tensor& b, const Tensor& da,
                     const Tensor& db, Transpose b_transposed = Transpose::no,
                     Write write_a = Write::accumulate, Write write_b = Write::accumulate);

inline namespace GRADUS_PRECISION {

// x to the nearest number of 8 significant bits, ties to even; the range stays that of Real.
Real round_to_bf16(Real x);

// While one of these lives, every matrix product and its gradient rounds its operands to bf16 and
// adds up in Real: faster where the processor multiplies bf16 (bf16_unit.h), with the same result,
// to the order of the additions, where it does not. Weights, gradients and the optimiser stay as
// they are (mixed precision: Micikevicius et al. 2018, arXiv:1710.03740; bf16 needs no loss
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

// The last two axes exchanged: (..., R, C) -> (..., C, R).
Tensor transpose_forward(const Tensor& x);

}  // namespace gradus
