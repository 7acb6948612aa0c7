// SPDX-License-Identifier: MIT
// The dropout mask, a vector at a time.
#pragma once

#include "tensor/kernels/simd.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

typedef std::uint32_t Words
    __attribute__((vector_size(sizeof(std::uint32_t) * static_cast<int>(kLanes))));

// For elements number, number + 1, ...: `scale` in the lanes that dropout keeps, 0 in the others.
// Computes the hash of tensor/dropout_mask.h on a vector of 32-bit words.
inline Vec kept(std::uint64_t key, std::uint64_t number, std::uint32_t threshold, Real scale) {
    Words lanes{};
    for (Index i = 0; i < kLanes; ++i) lanes[i] = static_cast<std::uint32_t>(i);
    const Words low = lanes * kDropoutLow + dropout_low(key, number);  // the product is a constant
    Words high = Words{} + dropout_high(key, number);
    // In lanes where the low word of the number has wrapped around, the high word is one larger.
    high += (Words)(lanes > ~static_cast<std::uint32_t>(number)) & kDropoutHigh;
    const Words hash = dropout_hash(low, high);
    return select(__builtin_convertvector(hash >= threshold, IntVec), splat(scale), Vec{});
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
