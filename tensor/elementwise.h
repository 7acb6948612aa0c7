// SPDX-License-Identifier: MIT
// Elementwise functions, and arithmetic with broadcasting.
#pragma once

#include "tensor/tensor.h"

namespace gradus {

// Arithmetic on two tensors. Shapes broadcast by NumPy's rule (shape.h); throws
// std::invalid_argument if they cannot.
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor mul_scalar(const Tensor& x, Real s);

inline Tensor operator+(const Tensor& a, const Tensor& b) {
    return add(a, b);
}
inline Tensor operator-(const Tensor& a, const Tensor& b) {
    return sub(a, b);
}
inline Tensor operator*(const Tensor& a, const Tensor& b) {
    return mul(a, b);
}
inline Tensor operator/(const Tensor& a, const Tensor& b) {
    return div(a, b);
}
inline Tensor operator*(Real s, const Tensor& x) {
    return mul_scalar(x, s);
}

// y += s x and y += a b, all of the same shape: used to accumulate gradients.
void add_scaled(const Tensor& y, const Tensor& x, Real s = 1);
void add_product(const Tensor& y, const Tensor& a, const Tensor& b);
// The gradient of y = a / b: da += dy / b, db -= dy y / b, all of the same shape. An undefined da
// or db is skipped.
void div_backward(const Tensor& dy, const Tensor& y, const Tensor& b, const Tensor& da,
                  const Tensor& db);

// y = f(x), same shape; dx += dy f'(x). If f' is simpler in terms of y, backward takes y instead.
Tensor exp_forward(const Tensor& x);
Tensor log_forward(const Tensor& x);
Tensor sqrt_forward(const Tensor& x);
Tensor tanh_forward(const Tensor& x);
Tensor sigmoid_forward(const Tensor& x);
Tensor relu_forward(const Tensor& x);
Tensor gelu_forward(const Tensor& x);
Tensor gelu_erf_forward(const Tensor& x);
Tensor silu_forward(const Tensor& x);
void exp_backward(const Tensor& dy, const Tensor& y, const Tensor& dx);      // dx += dy y
void log_backward(const Tensor& dy, const Tensor& x, const Tensor& dx);      // dx += dy / x
void sqrt_backward(const Tensor& dy, const Tensor& y, const Tensor& dx);     // dx += dy / (2 y)
void tanh_backward(const Tensor& dy, const Tensor& y, const Tensor& dx);     // dx += dy (1 - y^2)
void sigmoid_backward(const Tensor& dy, const Tensor& y, const Tensor& dx);  // dx += dy y (1 - y)
void relu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx);     // dx += dy where x > 0
void gelu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx);
void gelu_erf_backward(const Tensor& dy, const Tensor& x, const Tensor& dx);
void silu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx);

}  // namespace gradus
