// SPDX-License-Identifier: MIT
// The layout of 8-bit weights. The kernel files also use this header, so it contains only
// arithmetic (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {
namespace {

// The number of values that share a scale. One float per 128 values adds 3% to the memory; one per
// 32 would add 12% for steps only 1.2 times finer: the largest of 32 normally distributed values is
// on average 2.34 standard deviations from zero, the largest of 128 is 2.83.
constexpr Index kInt8Block = 128;

// For a row of K values: its number of blocks (and hence of scales), and its length rounded up to a
// multiple of 16, the number of values multiplied at a time.
inline Index int8_blocks(Index K) {
    return (K + kInt8Block - 1) / kInt8Block;
}
inline Index int8_row(Index K) {
    return (K + 15) / 16 * 16;
}

}  // namespace
}  // namespace gradus
