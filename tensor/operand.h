// SPDX-License-Identifier: MIT
// How matrices are passed to a product. Types only, so that the kernel files may include it (see
// kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

enum class Write { overwrite, accumulate };

inline namespace GRADUS_PRECISION {

// An operand of a product, stored as it is or, if `transposed`, as its transpose.
struct Operand {
    const Real* data;
    bool transposed = false;
};

// Where a product goes: it overwrites data or is added to it. Null data: not computed.
struct Output {
    Real* data;
    Write write = Write::overwrite;
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
