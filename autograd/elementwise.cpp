// SPDX-License-Identifier: MIT
#include "autograd/elementwise.h"

#include "tensor/elementwise.h"
#include "tensor/reduce.h"

namespace gradus {
namespace {

// x.grad() += s dy. If x was broadcast to dy's shape, dy is first summed over the broadcast axes.
void accumulate(const Variable& x, const Tensor& dy, Real s = 1) {
    if (!x.requires_grad()) return;
    const Tensor dx = sum_to(dy, x.shape());
    if (s == 1)
        x.add_grad(dx);
    else
        add_scaled(x.grad(), dx, s);
}

// x.grad() += dy b, with b broadcast to dy's shape.
void accumulate_product(const Variable& x, const Tensor& dy, const Tensor& b) {
    if (!x.requires_grad()) return;
    if (x.shape() == dy.shape())
        add_product(x.grad(), dy, broadcast_to(b, dy.shape()));
    else
        add_scaled(x.grad(), sum_to(mul(dy, b), x.shape()));
}

}  // namespace

Variable add(const Variable& a, const Variable& b) {
    return record("add", add(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
        accumulate(a, dy);
        accumulate(b, dy);
    });
}

Variable sub(const Variable& a, const Variable& b) {
    return record("sub", sub(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
        accumulate(a, dy);
        accumulate(b, dy, -1);
    });
}

Variable mul(const Variable& a, const Variable& b) {
    return record("mul", mul(a.value(), b.value()), {a, b}, [a, b](const Tensor& dy) {
        accumulate_product(a, dy, b.value());
        accumulate_product(b, dy, a.value());
    });
}

Variable div(const Variable& a, const Variable& b) {
    Tensor y = div(a.value(), b.value());
    return record("div", y, {a, b}, [a, b, y](const Tensor& dy) {
        Tensor da, db;  // in the broadcast shape, then summed back
        if (a.requires_grad()) da = Tensor(y.shape());
        if (b.requires_grad()) db = Tensor(y.shape());
        div_backward(dy, y, broadcast_to(b.value(), y.shape()), da, db);
        if (a.requires_grad()) accumulate(a, da);
        if (b.requires_grad()) accumulate(b, db);
    });
}

Variable mul_scalar(const Variable& x, Real s) {
    return record("mul_scalar", mul_scalar(x.value(), s), {x},
                  [x, s](const Tensor& dy) { add_scaled(x.grad(), dy, s); });
}

Variable add_scalar(const Variable& x, Real s) {
    return record("add_scalar", add(x.value(), Tensor::scalar(s)), {x},
                  [x](const Tensor& dy) { add_scaled(x.grad(), dy); });
}

Variable exp(const Variable& x) {
    Tensor y = exp_forward(x.value());
    return record("exp", y, {x}, [x, y](const Tensor& dy) { exp_backward(dy, y, x.grad()); });
}

Variable log(const Variable& x) {
    return record("log", log_forward(x.value()), {x},
                  [x](const Tensor& dy) { log_backward(dy, x.value(), x.grad()); });
}

Variable sqrt(const Variable& x) {
    Tensor y = sqrt_forward(x.value());
    return record("sqrt", y, {x}, [x, y](const Tensor& dy) { sqrt_backward(dy, y, x.grad()); });
}

Variable tanh(const Variable& x) {
    Tensor y = tanh_forward(x.value());
    return record("tanh", y, {x}, [x, y](const Tensor& dy) { tanh_backward(dy, y, x.grad()); });
}

Variable sigmoid(const Variable& x) {
    Tensor y = sigmoid_forward(x.value());
    return record("sigmoid", y, {x},
                  [x, y](const Tensor& dy) { sigmoid_backward(dy, y, x.grad()); });
}

Variable relu(const Variable& x) {
    return record("relu", relu_forward(x.value()), {x},
                  [x](const Tensor& dy) { relu_backward(dy, x.value(), x.grad()); });
}

Variable gelu(const Variable& x) {
    return record("gelu", gelu_forward(x.value()), {x},
                  [x](const Tensor& dy) { gelu_backward(dy, x.value(), x.grad()); });
}

Variable gelu_erf(const Variable& x) {
    return record("gelu_erf", gelu_erf_forward(x.value()), {x},
                  [x](const Tensor& dy) { gelu_erf_backward(dy, x.value(), x.grad()); });
}

Variable silu(const Variable& x) {
    return record("silu", silu_forward(x.value()), {x},
                  [x](const Tensor& dy) { silu_backward(dy, x.value(), x.grad()); });
}

Variable square(const Variable& x) {
    return mul(x, x);
}

}  // namespace gradus
