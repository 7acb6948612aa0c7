// SPDX-License-Identifier: MIT
#include "autograd/rms_norm.h"

#include "tensor/rms_norm.h"

namespace gradus {

Variable rms_norm(const Variable& x, const Variable& gain, Real eps) {
    RmsNormForward f = rms_norm_forward(x.value(), gain.value(), eps);
    return record("rms_norm", f.y, {x, gain}, [x, gain, f](const Tensor& dy) {
        rms_norm_backward(dy, x.value(), f, gain.value(), grad_or_scratch(x),
                          grad_or_scratch(gain));
    });
}

}  // namespace gradus
