// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/layer_norm.h"

namespace gradus {

// gain (x - mean) / sqrt(variance + eps) + bias over the last axis. gain, bias: (C); bias may be
// undefined.
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias,
                    Real eps = kNormEps);

}  // namespace gradus
