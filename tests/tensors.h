// SPDX-License-Identifier: MIT
// Tensors for tests: random ones, and comparison.
#pragma once

#include <cmath>
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

// The largest |a - b|; NaN, which no bound accepts, if any difference is. Throws unless the shapes are
// the same.
inline double largest_difference(const Tensor& a, const Tensor& b) {
    require(a.shape() == b.shape(), "largest_difference: shapes {} and {}", a.shape(), b.shape());
    double largest = 0;
    for (Index i = 0; i < a.count(); ++i) {
        const double difference = std::abs(static_cast<double>(a[i] - b[i]));
        if (!(difference <= largest)) largest = difference;
        if (std::isnan(largest)) break;
    }
    return largest;
}

}  // namespace gradus
