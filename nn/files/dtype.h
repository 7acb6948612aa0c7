// SPDX-License-Identifier: MIT
// The element types named in model files: their sizes, and the conversion of the two 16-bit
// floating-point types to float.
#pragma once

#include <cstdint>
#include <string_view>

namespace gradus {

// Bits per element of a safetensors dtype such as "F32" or "BF16"; 0 if the format has no such
// dtype. All dtypes of the format are listed, so that a whole file can be checked even if this
// library cannot compute with all of its tensors.
int dtype_bits(std::string_view name);

// Exact conversions from IEEE 754 binary16 and from bfloat16 (the upper half of a float).
float float_from_f16(std::uint16_t bits);
float float_from_bf16(std::uint16_t bits);

}  // namespace gradus
