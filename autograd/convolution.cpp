// SPDX-License-Identifier: MIT
#include "autograd/convolution.h"

#include "autograd/matmul.h"
#include "autograd/reduce.h"
#include "autograd/shape.h"

namespace gradus {

Variable unfold(const Variable& x, const WindowOptions& options) {
    return record("unfold", unfold_forward(x.value(), options), {x},
                  [x, options](const Tensor& dy) { unfold_backward(dy, options, x.grad()); });
}

Variable convolution(const Variable& x, const Variable& weight, const Variable& bias,
                     const WindowOptions& options) {
    return linear(unfold(x, options), weight, bias);
}

Variable max_pool(const Variable& x, const WindowOptions& options) {
    MaxPoolForward f = max_pool_forward(x.value(), options);
    return record("max_pool", f.y, {x}, [x, f, options](const Tensor& dy) {
        max_pool_backward(dy, f, options, x.grad());
    });
}

Variable mean_pool(const Variable& x, const WindowOptions& options) {
    const Windows w = windows_of("mean_pool", x.shape(), options);
    return mean(reshape(unfold(x, options), {w.B, w.OH, w.OW, w.rows * w.columns, w.C}), 3);
}

}  // namespace gradus
