// SPDX-License-Identifier: MIT
#include "tensor/elementwise.h"

#include <cmath>

#include "tensor/ops.h"
#include "tensor/reduce.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void add(Real* y, const Real* a, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = a[i] + b[i];
}
void sub(Real* y, const Real* a, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = a[i] - b[i];
}
void mul(Real* y, const Real* a, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = a[i] * b[i];
}
void div(Real* y, const Real* a, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = a[i] / b[i];
}
void add_scaled(Real* y, const Real* x, Real s, Index n) {
    for (Index i = 0; i < n; ++i) y[i] += s * x[i];
}
void add_product(Real* y, const Real* a, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) y[i] += a[i] * b[i];
}
void mul_scalar(Real* y, const Real* x, Real s, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = s * x[i];
}

void div_backward(Real* da, Real* db, const Real* dy, const Real* y, const Real* b, Index n) {
    for (Index i = 0; i < n; ++i) {
        if (da) da[i] += dy[i] / b[i];
        if (db) db[i] -= dy[i] * y[i] / b[i];  // d(a/b)/db = -a/b^2 = -y/b
    }
}

void exp_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = std::exp(x[i]);
}
void exp_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] * y[i];
}

void log_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = std::log(x[i]);
}
void log_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] / x[i];
}

void sqrt_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = std::sqrt(x[i]);
}
void sqrt_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] / (2 * y[i]);
}

void tanh_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = std::tanh(x[i]);
}
void tanh_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] * (1 - y[i] * y[i]);
}

void sigmoid_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = 1 / (1 + std::exp(-x[i]));
}
void sigmoid_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += dy[i] * y[i] * (1 - y[i]);
}

void relu_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
}
void relu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) dx[i] += x[i] > 0 ? dy[i] : 0;
}

// gelu(x) = x/2 (1 + tanh u), u = sqrt(2/pi) (x + 0.044715 x^3)
void gelu_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real u = Real(0.7978845608028654) * (x[i] + Real(0.044715) * x[i] * x[i] * x[i]);
        y[i] = x[i] / 2 * (1 + std::tanh(u));
    }
}

// By the product rule: 1/2 (1 + tanh u) + x/2 (1 - tanh^2 u) du/dx
void gelu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real u = Real(0.7978845608028654) * (x[i] + Real(0.044715) * x[i] * x[i] * x[i]);
        const Real du = Real(0.7978845608028654) * (1 + 3 * Real(0.044715) * x[i] * x[i]);
        const Real t = std::tanh(u);
        dx[i] += dy[i] * ((1 + t) / 2 + x[i] / 2 * (1 - t * t) * du);
    }
}

// gelu(x) = x Phi(x), so its derivative is Phi(x) + x phi(x).
void gelu_erf_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = x[i] / 2 * (1 + std::erf(x[i] * Real(0.7071067811865476)));
}
void gelu_erf_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real below = (1 + std::erf(x[i] * Real(0.7071067811865476))) / 2;
        const Real density = std::exp(-x[i] * x[i] / 2) * Real(0.3989422804014327);
        dx[i] += dy[i] * (below + x[i] * density);
    }
}

void silu_forward(Real* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = x[i] / (1 + std::exp(-x[i]));
}
// With s = sigmoid(x): s + x s (1 - s)
void silu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real s = 1 / (1 + std::exp(-x[i]));
        dx[i] += dy[i] * s * (1 + x[i] * (1 - s));
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

template <class Signature>
Tensor binary(Slot<Signature>& slot, const Tensor& a, const Tensor& b) {
    require_defined(slot.name(), a);
    require_defined(slot.name(), b);
    const Shape shape =
        a.shape() == b.shape() ? a.shape() : broadcast_shape(slot.name(), a.shape(), b.shape());
    const Tensor wide_a = broadcast_to(a, shape), wide_b = broadcast_to(b, shape);
    Tensor y = Tensor::empty(shape);
    slot(y.data(), wide_a.data(), wide_b.data(), y.count());
    return y;
}

template <class Signature>
Tensor unary(Slot<Signature>& slot, const Tensor& x) {
    require_defined(slot.name(), x);
    Tensor y = Tensor::empty(x.shape());
    slot(y.data(), x.data(), y.count());
    return y;
}

template <class Signature>
void unary_backward(Slot<Signature>& slot, const Tensor& dy, const Tensor& x_or_y,
                    const Tensor& dx) {
    require(dy.shape() == x_or_y.shape() && dy.shape() == dx.shape(),
            "{}: shapes differ: dy {}, input {}, dx {}", slot.name(), dy.shape(), x_or_y.shape(),
            dx.shape());
    slot(dx.data(), dy.data(), x_or_y.data(), dx.count());
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
    return binary(ops().add, a, b);
}
Tensor sub(const Tensor& a, const Tensor& b) {
    return binary(ops().sub, a, b);
}
Tensor mul(const Tensor& a, const Tensor& b) {
    return binary(ops().mul, a, b);
}
Tensor div(const Tensor& a, const Tensor& b) {
    return binary(ops().div, a, b);
}

Tensor mul_scalar(const Tensor& x, Real s) {
    require_defined("mul_scalar", x);
    Tensor y = Tensor::empty(x.shape());
    ops().mul_scalar(y.data(), x.data(), s, y.count());
    return y;
}

void add_scaled(const Tensor& y, const Tensor& x, Real s) {
    require_defined("add_scaled", y);
    require_defined("add_scaled", x);
    require(y.shape() == x.shape(), "add_scaled: shapes differ: y {}, x {}", y.shape(), x.shape());
    ops().add_scaled(y.data(), x.data(), s, y.count());
}

void add_product(const Tensor& y, const Tensor& a, const Tensor& b) {
    require(y.shape() == a.shape() && y.shape() == b.shape(),
            "add_product: shapes differ: y {}, a {}, b {}", y.shape(), a.shape(), b.shape());
    ops().add_product(y.data(), a.data(), b.data(), y.count());
}

void div_backward(const Tensor& dy, const Tensor& y, const Tensor& b, const Tensor& da,
                  const Tensor& db) {
    require(dy.shape() == y.shape() && y.shape() == b.shape(),
            "div_backward: shapes differ: dy {}, y {}, b {}", dy.shape(), y.shape(), b.shape());
    ops().div_backward(da.data(), db.data(), dy.data(), y.data(), b.data(), y.count());
}

Tensor exp_forward(const Tensor& x) {
    return unary(ops().exp_forward, x);
}
Tensor log_forward(const Tensor& x) {
    return unary(ops().log_forward, x);
}
Tensor sqrt_forward(const Tensor& x) {
    return unary(ops().sqrt_forward, x);
}
Tensor tanh_forward(const Tensor& x) {
    return unary(ops().tanh_forward, x);
}
Tensor sigmoid_forward(const Tensor& x) {
    return unary(ops().sigmoid_forward, x);
}
Tensor relu_forward(const Tensor& x) {
    return unary(ops().relu_forward, x);
}
Tensor gelu_forward(const Tensor& x) {
    return unary(ops().gelu_forward, x);
}
Tensor gelu_erf_forward(const Tensor& x) {
    return unary(ops().gelu_erf_forward, x);
}
Tensor silu_forward(const Tensor& x) {
    return unary(ops().silu_forward, x);
}

void exp_backward(const Tensor& dy, const Tensor& y, const Tensor& dx) {
    unary_backward(ops().exp_backward, dy, y, dx);
}
void log_backward(const Tensor& dy, const Tensor& x, const Tensor& dx) {
    unary_backward(ops().log_backward, dy, x, dx);
}
void sqrt_backward(const Tensor& dy, const Tensor& y, const Tensor& dx) {
    unary_backward(ops().sqrt_backward, dy, y, dx);
}
void tanh_backward(const Tensor& dy, const Tensor& y, const Tensor& dx) {
    unary_backward(ops().tanh_backward, dy, y, dx);
}
void sigmoid_backward(const Tensor& dy, const Tensor& y, const Tensor& dx) {
    unary_backward(ops().sigmoid_backward, dy, y, dx);
}
void relu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx) {
    unary_backward(ops().relu_backward, dy, x, dx);
}
void gelu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx) {
    unary_backward(ops().gelu_backward, dy, x, dx);
}
void gelu_erf_backward(const Tensor& dy, const Tensor& x, const Tensor& dx) {
    unary_backward(ops().gelu_erf_backward, dy, x, dx);
}
void silu_backward(const Tensor& dy, const Tensor& x, const Tensor& dx) {
    unary_backward(ops().silu_backward, dy, x, dx);
}

}  // namespace gradus
