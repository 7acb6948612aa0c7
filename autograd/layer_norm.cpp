// SPDX-License-Identifier: MIT
#include "autograd/layer_norm.h"

namespace gradus {

Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias, Real eps) {
    LayerNormForward f =
        layer_norm_forward(x.value(), gain.value(), bias.defined() ? bias.value() : Tensor(), eps);
    return record("layer_norm", f.y, {x, gain, bias}, [x, gain, bias, f](const Tensor& dy) {
        layer_norm_backward(dy, x.value(), f, gain.value(), grad_or_scratch(x),
                            grad_or_scratch(gain), bias.grad());
    });
}

}  // namespace gradus
