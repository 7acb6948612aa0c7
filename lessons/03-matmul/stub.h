// SPDX-License-Identifier: MIT
// Lesson 03: matmul, sum and softmax by loops. The text is lessons/03-matmul/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 03
#pragma once

#include "lessons/learn.h"

namespace mine {

// All sizes are at least 1, here and below: no matrix and no row is empty.

// c (M,N) = a b: a is (M,K), b is (K,N). Row i, column j of a matrix with N columns lies at
// [i * N + j]. c holds anything when you get it: overwrite it.
inline void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K) {
    unfinished("matmul");  // TODO: three loops
}

// y (outer,inner) = the sum of x (outer,n,inner) over its middle axis. Element (o,k,i) of x lies at
// [(o * n + k) * inner + i]. y holds anything when you get it: overwrite it.
inline void sum_forward(Real* y, const Real* x, Index outer, Index n, Index inner) {
    unfinished("sum_forward");  // TODO
}

// Each row of x (rows,cols) becomes a row of y of the same size: positive, with sum 1.
// y[j] = exp(x[j]) / sum over k of exp(x[k]), written so that no exp overflows.
inline void softmax_forward(Real* y, const Real* x, Index rows, Index cols) {
    unfinished("softmax_forward");  // TODO: largest, exponentials and their sum, division
}

}  // namespace mine
