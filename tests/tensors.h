// SPDX-License-Identifier: MIT
// Tensors for tests: random ones, and bitwise comparison.
#pragma once

#include <cstring>
#include <limits>

#include "tensor/tensor.h"

namespace gradus {

constexpr double kEps = std::numeric_limits<Real>::epsilon();

inline Tensor uniform(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1) {
    Random random(seed);
    return Tensor::uniform(shape, static_cast<Real>(low), static_cast<Real>(high), random);
}

// The same shape and bit-for-bit identical values; NaN equals itself.
inline bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.count()) * sizeof(Real)) == 0;
}

}  // namespace gradus
