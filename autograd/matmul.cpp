// SPDX-License-Identifier: MIT
#include "autograd/matmul.h"

#include "tensor/elementwise.h"
#include "tensor/ops.h"

namespace gradus {

Variable matmul(const Variable& a, const Variable& b, Transpose bt) {
    return record("matmul", matmul_forward(a.value(), b.value(), bt), {a, b},
                  [a, b, bt](const Tensor& dc) {
                      matmul_backward(dc, a.value(), b.value(), a.grad(), b.grad(), bt);
                  });
}

Variable linear(const Variable& x, const Variable& weight, const Variable& bias) {
    Tensor y = matmul_forward(x.value(), weight.value());
    const Index rows = y.rows(), out = y.size(-1);
    if (bias.defined()) {
        require(bias.shape() == Shape({out}), "linear: bias {} for weight {}", bias.shape(),
                weight.shape());
        ops().sum_backward(y.data(), bias.value().data(), 1, rows,
                           out);  // the bias spread over the rows
    }
    return record("linear", y, {x, weight, bias}, [x, weight, bias, rows, out](const Tensor& dy) {
        matmul_backward(dy, x.value(), weight.value(), x.grad(), weight.grad());
        if (bias.requires_grad()) {
            const Tensor sum = Tensor::empty({out});
            ops().sum_forward(sum.data(), dy.data(), 1, rows, out);
            add_scaled(bias.grad(), sum);
        }
    });
}

Variable transpose(const Variable& x) {
    return record("transpose", transpose_forward(x.value()), {x},
                  [x](const Tensor& dy) { add_scaled(x.grad(), transpose_forward(dy)); });
}

}  // namespace gradus
