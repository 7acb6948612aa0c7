// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"

namespace gradus {

// gain (x - mean) / sqrt(variance + 1e-5) + bias over the last axis. gain, bias: (C); bias may be
// undefined.
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias);

}  // namespace gradus
