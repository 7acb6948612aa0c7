// SPDX-License-Identifier: MIT
#include "autograd/dropout.h"

#include "tensor/dropout.h"

namespace gradus {

Variable dropout(const Variable& x, Real rate, std::uint64_t key) {
    if (rate == 0) return x;
    return record("dropout", dropout_forward(x.value(), rate, key), {x},
                  [x, rate, key](const Tensor& dy) { dropout_backward(dy, rate, key, x.grad()); });
}

}  // namespace gradus
