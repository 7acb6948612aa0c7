// SPDX-License-Identifier: MIT
// Two moons: half circles that reach into each other, so that no straight line parts them. The
// smallest task that a network of one layer cannot do, with nothing to download.
#pragma once

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace gradus {

struct LabelledPoints {
    Tensor x, y;  // (N, 2), and the class (N, 1): 0 the upper moon, 1 the lower
};

// N points around half circles of radius 1, by turns of the upper and the lower one, each
// coordinate off by noise of standard deviation 0.1. Another seed gives other points of the same
// task. Throws std::invalid_argument for an N below 1.
LabelledPoints two_moons(std::uint64_t seed, Index N = 200);

}  // namespace gradus
