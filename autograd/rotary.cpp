// SPDX-License-Identifier: MIT
#include "autograd/rotary.h"

namespace gradus {

Variable rotary(const Variable& x, const RotaryTable& table, const RotaryOptions& options) {
    return record("rotary", rotary_forward(x.value(), table, options), {x},
                  [=](const Tensor& dy) { rotary_backward(dy, table, options, x.grad()); });
}

}  // namespace gradus
