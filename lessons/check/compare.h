// SPDX-License-Identifier: MIT
// Comparisons that explain their failures to a learner.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "lessons/learn.h"

namespace gradus::lessons {

// The result of a comparison, and the message that CHECK(same(...)) prints if it fails.
struct Comparison {
    bool ok;
    std::string words;
    explicit operator bool() const { return ok; }
};
std::ostream& operator<<(std::ostream& out, const Comparison& comparison);

// Equal to within tolerance * max(1, |expected|); NaN equals nothing. With `sizes`, the message
// says where the element is: "row 0, column 1: yours is 0.3, expected 0.25".
Comparison same(const std::vector<Real>& yours, const std::vector<Real>& expected,
                const std::vector<Index>& sizes = {}, double tolerance = 1e-9);
Comparison same(double yours, double expected, double tolerance = 1e-9);
// Fails unless every number is finite.
Comparison finite(const std::vector<Real>& yours, const std::vector<Index>& sizes = {});

// n samples from the standard normal distribution; the same seed gives the same samples.
std::vector<Real> normal_numbers(std::uint64_t seed, Index n);

}  // namespace gradus::lessons
