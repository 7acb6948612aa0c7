// SPDX-License-Identifier: MIT
#include "tensor/half.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {
namespace {

// From the highest bit down: a sign, an exponent, a fraction. With the exponent bits e, the value
// is (1 + fraction) 2^(e - 1 + lowest), or fraction 2^lowest if e is 0. If e is all ones, it is
// infinite or, with a fraction, NaN.
Real widened(std::uint16_t bits, HalfFormat format) {
    const int steps = 1 << format.fraction, top = (0x7fff >> format.fraction);
    const int exponent = (bits & 0x7fff) >> format.fraction, fraction = bits & (steps - 1);
    Real size;
    if (exponent == top)
        size = fraction ? std::numeric_limits<Real>::quiet_NaN()
                        : std::numeric_limits<Real>::infinity();
    else if (exponent == 0)
        size = std::ldexp(static_cast<Real>(fraction), format.lowest - format.fraction);
    else
        size = std::ldexp(static_cast<Real>(steps + fraction),
                          exponent - 1 + format.lowest - format.fraction);
    return bits & 0x8000 ? -size : size;
}

// The nearest number, ties to even; infinity if that is too large for the format.
std::uint16_t rounded(Real x, HalfFormat format) {
    const unsigned sign = std::signbit(x) ? 0x8000 : 0;
    const unsigned infinite = 0x7fffu >> format.fraction << format.fraction;
    if (std::isnan(x)) return static_cast<std::uint16_t>(sign | 0x7fff);
    if (x == 0) return static_cast<std::uint16_t>(sign);
    int exponent = 0;
    std::frexp(x, &exponent);  // |x| = 0.1... in binary times 2^exponent
    exponent = std::max(exponent - 1, format.lowest);
    const Real size = std::ldexp(std::abs(x), format.fraction - exponent);  // in steps
    if (!(size <= static_cast<Real>(2 << format.fraction)))
        return static_cast<std::uint16_t>(sign | infinite);
    // Steps beyond 2^fraction carry into the exponent bits.
    const auto bits = static_cast<unsigned>(std::nearbyint(size)) +
                      (static_cast<unsigned>(exponent - format.lowest) << format.fraction);
    return static_cast<std::uint16_t>(sign | std::min(bits, infinite));
}

void widen(Real* y, const void* x, Index n, HalfFormat format) {
    for (Index i = 0; i < n; ++i) {
        std::uint16_t bits;
        std::memcpy(&bits, static_cast<const char*>(x) + 2 * i, 2);
        y[i] = widened(bits, format);
    }
}

}  // namespace

void widen_f16(Real* y, const void* x, Index n) {
    widen(y, x, n, kF16);
}
void widen_bf16(Real* y, const void* x, Index n) {
    widen(y, x, n, kBf16);
}
void round_f16(std::uint16_t* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = rounded(x[i], kF16);
}
void round_bf16(std::uint16_t* y, const Real* x, Index n) {
    for (Index i = 0; i < n; ++i) y[i] = rounded(x[i], kBf16);
}

}  // namespace naive
}  // namespace GRADUS_PRECISION
}  // namespace gradus
