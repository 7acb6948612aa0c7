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

// While a Bf16Autocast exists, the matrix products of this thread and their gradients round their
// operands to bf16 and accumulate in Real: faster on processors that multiply bf16 (bf16_unit.h),
// and with the same result elsewhere, up to the order of the additions. Weights, gradients and the
// optimiser stay in Real (mixed precision: Micikevicius et al. 2018, arXiv:1710.03740; bf16 needs no
// loss scaling). Other threads are not affected: two models may run at once, each in its precision.
class Bf16Autocast {
 public:
    explicit Bf16Autocast(bool on = true);
    ~Bf16Autocast();
    Bf16Autocast(const Bf16Autocast&) = delete;
    Bf16Autocast& operator=(const Bf16Autocast&) = delete;

    static bool active();  // on this thread

 private:
    bool before_;
};

}  // namespace GRADUS_PRECISION

// Swaps the last two axes: (..., R, C) -> (..., C, R).
Tensor transpose_forward(const Tensor& x);

}  // namespace gradus
