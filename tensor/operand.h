// SPDX-License-Identifier: MIT
// How matrices are handed to a product. Types only, so that the kernel files may include it (see
// kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

enum class Write { overwrite, accumulate };

inline namespace GRADUS_PRECISION {

// An operand of a product: the matrix itself or, if `transposed`, its transpose is what is stored.
struct Operand {
    const Real* data;
    bool transposed = false;
};

// Where a product goes: into c, or on top of what c holds. Null data: not wanted.
struct Output {
    Real* data;
    Write write = Write::overwrite;
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
