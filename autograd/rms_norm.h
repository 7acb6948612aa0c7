// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"

namespace gradus {

// gain x / sqrt(mean of x^2 + eps) over the last axis. gain: (C).
Variable rms_norm(const Variable& x, const Variable& gain, Real eps);

}  // namespace gradus
