// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/rotary.h"

namespace gradus {

// Rotates the vectors of queries and keys by their positions (tensor/rotary.h).
// (B, T, vectors of options.size numbers) -> the same
Variable rotary(const Variable& x, const RotaryTable& table, const RotaryOptions& options);

}  // namespace gradus
