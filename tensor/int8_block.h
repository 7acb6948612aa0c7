// SPDX-License-Identifier: MIT
// How weights in 8 bits are laid out. This header is used by the kernel files too, so it holds
// nothing but arithmetic (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {
namespace {

// Values that share a scale. A float for each 128 of them costs 3 % of memory, for each 32 it
// would cost 12 %; the step between two values is then 1.2 times finer, since the largest of 32
// normal values is 2.34 standard deviations on average, of 128 it is 2.83.
constexpr Index kInt8Block = 128;

// What a row of K values takes: blocks (and so scales), and values, rounded up to the 16 that are
// multiplied at a time.
inline Index int8_blocks(Index K) {
    return (K + kInt8Block - 1) / kInt8Block;
}
inline Index int8_row(Index K) {
    return (K + 15) / 16 * 16;
}

}  // namespace
}  // namespace gradus
