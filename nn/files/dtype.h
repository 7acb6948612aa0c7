// SPDX-License-Identifier: MIT
// The element types that model files name: how many bits each takes, and what the two of 16 bits
// are as floats.
#pragma once

#include <cstdint>
#include <string_view>

namespace gradus {

// Bits of one element of a safetensors dtype, "F32" or "BF16" for example; 0 if the format has no
// such dtype. All that the format knows are here, so that a file can be checked as a whole whatever
// of it this library can compute with.
int dtype_bits(std::string_view name);

// One value in 16 bits: IEEE 754 binary16, and bfloat16 (the upper half of a float). Both exact.
float float_from_f16(std::uint16_t bits);
float float_from_bf16(std::uint16_t bits);

}  // namespace gradus
