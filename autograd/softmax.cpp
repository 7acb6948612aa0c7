// SPDX-License-Identifier: MIT
#include "autograd/softmax.h"

#include "tensor/softmax.h"

namespace gradus {

Variable softmax(const Variable& x) {
    Tensor y = softmax_forward(x.value());
    return record("softmax", y, {x}, [x, y](const Tensor& dy) {
        softmax_backward(dy, y, x.grad());  // dx += y (dy - sum(y dy))
    });
}

}  // namespace gradus
