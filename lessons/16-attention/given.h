// SPDX-License-Identifier: MIT
// Lesson 16, given: softmax on plain arrays, the product of two tensors, and their names.
#pragma once

#include "lessons/03-matmul/yours.h"
#include "lessons/learn.h"
#include "tensor/matmul.h"
#include "tensor/tensor.h"

namespace gradus::lessons {

// a b, of two matrices: (M, K) times (K, N) gives (M, N). It runs on your matmul of lesson 03.
inline Tensor matmul(const Tensor& a, const Tensor& b) {
    return matmul_forward(a, b);
}

}  // namespace gradus::lessons

using gradus::Tensor;
using gradus::lessons::matmul;
using gradus::lessons::softmax_forward;
