// SPDX-License-Identifier: MIT
// The operands and the output of a matrix product. Types only, so that the kernel files may include
// it (see kernels/simd.h).
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

// Where a product is written: it overwrites `data` or is added to it. If `data` is null, the product
// is not computed.
struct Output {
    Real* data;
    Write write = Write::overwrite;
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
