// SPDX-License-Identifier: MIT
// The mask of dropout, a vector at a time.
#pragma once

#include "tensor/kernels/simd.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

typedef std::uint32_t Words
    __attribute__((vector_size(sizeof(std::uint32_t) * static_cast<int>(kLanes))));

// `scale` in the lanes of the elements number, number + 1, ... that dropout keeps, 0 in the others:
// the hash of tensor/dropout_mask.h on a vector of 32-bit words.
inline Vec kept(std::uint64_t key, std::uint64_t number, std::uint32_t threshold, Real scale) {
    Words low, high;
    for (Index lane = 0; lane < kLanes; ++lane) {
        const std::uint64_t element = number + static_cast<std::uint64_t>(lane);
        low[lane] = static_cast<std::uint32_t>(element);
        high[lane] = static_cast<std::uint32_t>(element >> 32);
    }
    const Words hash = dropout_hash(key, low, high);
    Vec factor;
    for (Index lane = 0; lane < kLanes; ++lane)
        factor[lane] = hash[lane] >= threshold ? scale : Real(0);
    return factor;
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
