// SPDX-License-Identifier: MIT
// Included by a lesson's demo.cpp: part() and the stage.
#pragma once

#include <cmath>

#include "lessons/check/part.h"
#include "lessons/check/stage.h"

namespace gradus::lessons {

// For worked numbers: "p: 0.6652 0.0900 0.2447".
inline void print_row(const char* name, const std::vector<Real>& row, int digits = 4) {
    fmt::print("{}:", name);
    for (const Real number : row) fmt::print(" {:.{}f}", number, digits);
    fmt::print("\n");
}

inline std::vector<Real> softmax_of(std::vector<Real> x) {
    Real z = 0;
    for (Real& number : x) z += number = std::exp(number);
    for (Real& number : x) number /= z;
    return x;
}

}  // namespace gradus::lessons

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
