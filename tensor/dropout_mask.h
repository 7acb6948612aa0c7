// SPDX-License-Identifier: MIT
// The dropout mask, a pure function of (key, element index): identical for every instruction set
// and thread count, and cheap enough to recompute in the backward pass. The kernel files also use
// this header, so it contains only arithmetic (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {
namespace {

constexpr std::uint32_t kDropoutLow = 0x9E3779B9u, kDropoutHigh = 0x85EBCA6Bu;

// The low and high words of the element index, each times an odd constant, plus the corresponding
// word of the key. From one element to the next, the first of these grows by kDropoutLow.
inline std::uint32_t dropout_low(std::uint64_t key, std::uint64_t element) {
    return static_cast<std::uint32_t>(element) * kDropoutLow + static_cast<std::uint32_t>(key);
}
inline std::uint32_t dropout_high(std::uint64_t key, std::uint64_t element) {
    return static_cast<std::uint32_t>(element >> 32) * kDropoutHigh +
           static_cast<std::uint32_t>(key >> 32);
}

// Two rounds of a 32-bit integer mixer (C. Wellons' "lowbias32", found by search in 2018: avalanche
// bias 0.17), each mixing in one of the two words above. Unsigned may be a scalar or a vector type.
template <class Unsigned>
Unsigned dropout_hash(Unsigned low, Unsigned high) {
    Unsigned x = low;
    for (int round = 0; round < 2; ++round) {
        x = (x ^ (x >> 16)) * 0x7FEB352Du;
        x = (x ^ (x >> 15)) * 0x846CA68Bu;
        x = x ^ (x >> 16);
        if (round == 0) x = x + high;
    }
    return x;
}

inline std::uint32_t dropout_threshold(Real rate) {
    return static_cast<std::uint32_t>(static_cast<double>(rate) * 4294967296.0);
}

inline bool dropout_keeps(std::uint64_t key, std::uint64_t element, std::uint32_t threshold) {
    return dropout_hash(dropout_low(key, element), dropout_high(key, element)) >= threshold;
}

}  // namespace
}  // namespace gradus
