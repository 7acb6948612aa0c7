// SPDX-License-Identifier: MIT
// How weights in 8 bits are laid out. This header is used by the kernel files too, so it contains
// only arithmetic (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {
namespace {

// How many values share a scale. One float per 128 values adds 3 % of memory; one per 32 would add
// 12 % for steps only 1.2 times finer: the largest of 32 normal values is 2.34 standard deviations
// from zero on average, the largest of 128 is 2.83.
constexpr Index kInt8Block = 128;

// What a row of K values takes: its number of blocks (and so of scales), and its length, rounded up
// to a multiple of the 16 values that are multiplied at a time.
inline Index int8_blocks(Index K) {
    return (K + kInt8Block - 1) / kInt8Block;
}
inline Index int8_row(Index K) {
    return (K + 15) / 16 * 16;
}

}  // namespace
}  // namespace gradus
