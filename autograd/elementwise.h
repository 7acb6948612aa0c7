// SPDX-License-Identifier: MIT
// Arithmetic and elementwise functions on variables. Shapes broadcast; gradients are summed back to
// the operands' shapes.
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable add(const Variable& a, const Variable& b);
Variable sub(const Variable& a, const Variable& b);
Variable mul(const Variable& a, const Variable& b);
Variable div(const Variable& a, const Variable& b);
Variable mul_scalar(const Variable& x, Real s);  // s x
Variable add_scalar(const Variable& x, Real s);  // s + x

Variable exp(const Variable& x);
Variable log(const Variable& x);
Variable sqrt(const Variable& x);
Variable tanh(const Variable& x);
Variable sigmoid(const Variable& x);
Variable relu(const Variable& x);
Variable gelu(const Variable& x);      // the tanh approximation, as in GPT-2
Variable gelu_erf(const Variable& x);  // exact, as in BERT
Variable silu(const Variable& x);      // x sigmoid(x), as in Llama
Variable square(const Variable& x);

inline Variable operator+(const Variable& a, const Variable& b) {
    return add(a, b);
}
inline Variable operator-(const Variable& a, const Variable& b) {
    return sub(a, b);
}
inline Variable operator*(const Variable& a, const Variable& b) {
    return mul(a, b);
}
inline Variable operator/(const Variable& a, const Variable& b) {
    return div(a, b);
}
inline Variable operator+(const Variable& x, Real s) {
    return add_scalar(x, s);
}
inline Variable operator-(const Variable& x, Real s) {
    return add_scalar(x, -s);
}
inline Variable operator*(const Variable& x, Real s) {
    return mul_scalar(x, s);
}
inline Variable operator/(const Variable& x, Real s) {
    return mul_scalar(x, 1 / s);
}
inline Variable operator+(Real s, const Variable& x) {
    return add_scalar(x, s);
}
inline Variable operator-(Real s, const Variable& x) {
    return add_scalar(mul_scalar(x, -1), s);
}
inline Variable operator*(Real s, const Variable& x) {
    return mul_scalar(x, s);
}
inline Variable operator-(const Variable& x) {
    return mul_scalar(x, -1);
}

}  // namespace gradus
