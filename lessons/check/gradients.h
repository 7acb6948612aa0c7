// SPDX-License-Identifier: MIT
// For checks of gradients: what a gradient should be, by finite differences, and the Taylor test.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "lessons/learn.h"

namespace gradus::lessons {

using Loss = std::function<double(const std::vector<Real>&)>;

inline double dot(const std::vector<Real>& a, const std::vector<Real>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

inline std::vector<Real> plus(std::vector<Real> a, const std::vector<Real>& b, double factor = 1) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
    return a;
}

// The gradient of a loss by central differences: each number is moved up and down a little.
inline std::vector<Real> differences(const Loss& loss, const std::vector<Real>& x) {
    std::vector<Real> gradient(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::vector<Real> above = x, below = x;
        above[i] += 1e-5, below[i] -= 1e-5;
        gradient[i] = (loss(above) - loss(below)) / (above[i] - below[i]);
    }
    return gradient;
}

// The Taylor test: how fast |loss(x + h v) - loss(x) - h gradient.v| falls with h. 2 if the
// gradient is right, 1 if it is not.
inline double taylor_slope(const Loss& loss, const std::vector<Real>& x,
                           const std::vector<Real>& gradient, const std::vector<Real>& v) {
    const auto remainder = [&](double h) {
        return std::abs(loss(plus(x, v, h)) - loss(x) - h * dot(gradient, v));
    };
    return std::log10(remainder(1e-2) / remainder(1e-4)) / 2;
}

}  // namespace gradus::lessons
