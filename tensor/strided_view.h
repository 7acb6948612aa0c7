// SPDX-License-Identifier: MIT
// A box of elements spread over an array: what permuting, slicing and joining tensors come down to.
// Types only, so that the kernel files may include it (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

// Element (i0, ..., i5) of the box is at i0 stride[0] + ... + i5 stride[5]. Axes that are not
// needed have size 1, in front.
struct StridedView {
    static constexpr int kAxes = 6;
    Index size[kAxes] = {1, 1, 1, 1, 1, 1};
    Index stride[kAxes] = {};
};

}  // namespace gradus
