// SPDX-License-Identifier: MIT
// Two moons: interlocking half circles that no straight line can separate. A tiny task that a
// single-layer network cannot solve, with nothing to download.
#pragma once

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace gradus {

struct LabelledPoints {
    Tensor x, y;  // (N, 2), and the classes, (N, 1): 0 for the upper moon, 1 for the lower
};

// N points around half circles of radius 1, alternating between the upper and the lower one, with
// noise of standard deviation 0.1 added to each coordinate. A different seed gives different points
// for the same task. Throws std::invalid_argument if N < 1.
LabelledPoints two_moons(std::uint64_t seed, Index N = 200);

}  // namespace gradus
