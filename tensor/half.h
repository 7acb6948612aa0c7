// SPDX-License-Identifier: MIT
// The two floating-point numbers of 16 bits. f16 (IEEE 754 binary16) has 11 significant bits and
// values up to 65504; bf16, the upper half of a float, has 8 significant bits and the range of a
// float. Rounding to nearest changes a value by at most 2^-11 and 2^-8 of itself (f16 below 2^-14:
// by at most 2^-25). Plain arithmetic, for the kernel files too (see kernels/simd.h).
#pragma once

#include <cstdint>

#include "tensor/real.h"

namespace gradus {
namespace {

struct HalfFormat {
    int fraction;  // bits stored after the leading one
    int lowest;    // the exponent of the smallest normal number
};
constexpr HalfFormat kF16{10, -14}, kBf16{7, -126};

// Relative size of the largest rounding error.
constexpr double rounding_of(HalfFormat format) {
    return 1.0 / (2 << format.fraction);
}

}  // namespace
}  // namespace gradus
