// SPDX-License-Identifier: MIT
// Which elements dropout keeps: a pure function of (key, element number), the same for every
// instruction set and thread count, and cheap enough to be asked again in the backward pass. This
// header is used by the kernel files too, so it holds nothing but arithmetic (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {
namespace {

// Two rounds of a 32-bit integer mixer (C. Wellons' "lowbias32", found by search in 2018: avalanche
// bias 0.17), one word of the key and of the element number in each. Unsigned may be a number or a
// vector of numbers.
template <class Unsigned>
Unsigned dropout_hash(std::uint64_t key, Unsigned low, Unsigned high) {
    Unsigned x = low * 0x9E3779B9u + static_cast<std::uint32_t>(key);
    for (int round = 0; round < 2; ++round) {
        x = (x ^ (x >> 16)) * 0x7FEB352Du;
        x = (x ^ (x >> 15)) * 0x846CA68Bu;
        x = x ^ (x >> 16);
        if (round == 0) x = x + (high * 0x85EBCA6Bu + static_cast<std::uint32_t>(key >> 32));
    }
    return x;
}

inline std::uint32_t dropout_threshold(Real rate) {
    return static_cast<std::uint32_t>(static_cast<double>(rate) * 4294967296.0);
}

inline bool dropout_keeps(std::uint64_t key, std::uint64_t element, std::uint32_t threshold) {
    return dropout_hash(key, static_cast<std::uint32_t>(element),
                        static_cast<std::uint32_t>(element >> 32)) >= threshold;
}

}  // namespace
}  // namespace gradus
