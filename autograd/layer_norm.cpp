// SPDX-License-Identifier: MIT
#include "autograd/layer_norm.h"

#include "tensor/layer_norm.h"

namespace gradus {
namespace {

// The gradient of x, to be added to, or a scratch tensor if x needs none.
Tensor grad_or_scratch(const Variable& x) {
    return x.requires_grad() ? x.grad() : Tensor(x.shape());
}

}  // namespace

Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias) {
    LayerNormForward f =
        layer_norm_forward(x.value(), gain.value(), bias.defined() ? bias.value() : Tensor());
    return record("layer_norm", f.y, {x, gain, bias}, [x, gain, bias, f](const Tensor& dy) {
        layer_norm_backward(dy, x.value(), f, gain.value(), grad_or_scratch(x),
                            grad_or_scratch(gain), bias.grad());
    });
}

}  // namespace gradus
