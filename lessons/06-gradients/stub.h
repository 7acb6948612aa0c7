// SPDX-License-Identifier: MIT
// Lesson 06: tensor gradients. The text is lessons/06-gradients/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 06
//
// For every function here: y is overwritten; da, db and dx are added to (+=), never overwritten.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline constexpr Real kRoot = 0.7978845608028654;  // sqrt(2 / pi), of gelu
inline constexpr Real kCube = 0.044715;            // of gelu

// y[i] = tanh(x[i]), n numbers.
inline void tanh_forward(Real* y, const Real* x, Index n) {
    unfinished("tanh_forward");  // TODO: std::tanh
}

// dx[i] += dy[i] * (the slope of tanh there). You get y, the result of tanh_forward, not x.
inline void tanh_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    unfinished("tanh_backward");  // TODO
}

// y[i] = x/2 (1 + tanh u) with u = kRoot (x + kCube x^3) and x = x[i].
inline void gelu_forward(Real* y, const Real* x, Index n) {
    unfinished("gelu_forward");  // TODO
}

// dx[i] += dy[i] * (the slope of gelu at x[i]). This time you get x, the input of gelu_forward.
inline void gelu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    unfinished("gelu_backward");  // TODO: product rule, and the slope of what is inside the tanh
}

// The gradient of c = a b. a, da are (M,K); b, db are (K,N); dc is (M,N), all row after row.
inline void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b,
                            Index M, Index N, Index K) {
    unfinished("matmul_backward");  // TODO: each product hands its dc to both operands
}

// The gradient of y = softmax(x), row by row: all are (rows,cols). You get y, not x.
inline void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
    unfinished("softmax_backward");  // TODO
}

}  // namespace mine
