// SPDX-License-Identifier: MIT
// The element types named in model files.
#pragma once

#include <string_view>

namespace gradus {

// Bits per element of a safetensors dtype such as "F32" or "BF16"; 0 if the format has no such
// dtype. All dtypes of the format are listed, so that a whole file can be checked even if this
// library cannot compute with all of its tensors.
int dtype_bits(std::string_view name);

}  // namespace gradus
