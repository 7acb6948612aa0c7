// SPDX-License-Identifier: MIT
// The scalar type of the whole library, chosen once per build: float for training, double for
// gradient checking. There is no Tensor<T>: the same sources are compiled twice. Finite differences
// in double agree with backward() to 1e-6; in float, the agreement would be only 1e-2.
#pragma once

#include <cstdint>

namespace gradus {

using Index = std::int64_t;  // sizes and positions: signed, so that a - b may be negative

}  // namespace gradus

// Files that do not use Real are compiled only once, for both builds (see CMakeLists.txt); Real is
// not declared in them.
#ifndef GRADUS_NO_NUMBERS
#ifdef GRADUS_DOUBLE
#define GRADUS_PRECISION f64
#else
#define GRADUS_PRECISION f32
#endif

namespace gradus {

// Classes that hold numbers are in the inline namespace f32 or f64, so that mixing object files
// from the two builds is a link error and floats are never read as doubles.
inline namespace GRADUS_PRECISION {
#ifdef GRADUS_DOUBLE
using Real = double;
#else
using Real = float;
#endif
}  // namespace GRADUS_PRECISION
}  // namespace gradus
#endif
