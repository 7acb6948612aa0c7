// SPDX-License-Identifier: MIT
// The two 16-bit formats, number by number.
#include "tensor/half.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/ops.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

Real f16(unsigned bits) {
    const auto x = static_cast<std::uint16_t>(bits);
    Real y;
    ops().widen_f16(&y, &x, 1);
    return y;
}
Real bf16(unsigned bits) {
    const auto x = static_cast<std::uint16_t>(bits);
    Real y;
    ops().widen_bf16(&y, &x, 1);
    return y;
}
unsigned to_f16(double x) {
    const auto real = static_cast<Real>(x);
    std::uint16_t y;
    ops().round_f16(&y, &real, 1);
    return y;
}
unsigned to_bf16(double x) {
    const auto real = static_cast<Real>(x);
    std::uint16_t y;
    ops().round_bf16(&y, &real, 1);
    return y;
}

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

}  // namespace

TEST_CASE("16-bit numbers become the numbers that they represent") {
    each_isa([] {
        CHECK(f16(0x0000) == 0);
        CHECK(std::signbit(f16(0x8000)));
        CHECK(f16(0x3C00) == 1);
        CHECK(f16(0xC000) == -2);
        CHECK(f16(0x3555) == Real(0.333251953125));
        CHECK(f16(0x7BFF) == 65504);                 // the largest
        CHECK(f16(0x0400) == Real(0x1p-14));         // the smallest normal
        CHECK(f16(0x03FF) == Real(1023 * 0x1p-24));  // the largest subnormal
        CHECK(f16(0x8001) == Real(-0x1p-24));        // the smallest
        CHECK(f16(0x7C00) == kInfinity);
        CHECK(f16(0xFC00) == -kInfinity);
        CHECK(std::isnan(f16(0x7E00)));
        CHECK(std::isnan(f16(0x7C01)));
        CHECK(bf16(0x3F80) == 1);
        CHECK(bf16(0xC049) == Real(-3.140625));
        CHECK(bf16(0x0001) == Real(0x1p-133));
        CHECK(bf16(0x7F80) == kInfinity);
        CHECK(std::isnan(bf16(0x7FC0)));
        // All finite ones, by the definition.
        for (unsigned bits = 0; bits < 0x8000; ++bits) {
            const int exponent = static_cast<int>(bits >> 10);
            const int fraction = static_cast<int>(bits & 1023);
            if (exponent == 31) continue;
            const double value =
                exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
            if (double{f16(bits)} != value) FAIL_CHECK("f16 ", bits);
            if (double{f16(bits | 0x8000)} != -value) FAIL_CHECK("f16 -", bits);
        }
    });
}

TEST_CASE(
    "a number is rounded to the nearest of 16 bits, ties to even, and is itself if it is one") {
    for (unsigned bits = 0; bits < 0x10000; ++bits) {  // there and back, and halfway to the next
        if (!std::isnan(f16(bits)) && to_f16(f16(bits)) != bits) FAIL_CHECK("f16 ", bits);
        if (!std::isnan(bf16(bits)) && to_bf16(bf16(bits)) != bits) FAIL_CHECK("bf16 ", bits);
        const bool last = (bits & 0x7fff) >= 0x7bff;
        const double here = f16(bits), next = last ? here : f16(bits + 1), even = bits + bits % 2;
        if (last) continue;
        CHECK(to_f16((here + next) / 2) == even);
        CHECK(to_f16(here + (next - here) * 0.499) == bits);
        CHECK(to_f16(here + (next - here) * 0.501) == bits + 1);
    }
    CHECK(to_f16(65519) == 0x7BFF);
    CHECK(to_f16(65520) == 0x7C00);  // halfway to 65536, which there is not: infinity
    CHECK(to_f16(-1e30) == 0xFC00);
    CHECK(to_f16(0x1p-25) == 0);  // half the smallest, a tie: to even
    CHECK(to_f16(0x1.8p-25) == 1);
    CHECK(std::isnan(f16(to_f16(std::nan("")))));
    CHECK(to_bf16(1 + 0x1p-8) == 0x3F80);
    CHECK(to_bf16(1 + 0x1.8p-8) == 0x3F81);
    CHECK(to_bf16(std::numeric_limits<float>::max()) == 0x7F80);
    CHECK(to_bf16(-INFINITY) == 0xFF80);
    CHECK(std::isnan(bf16(to_bf16(std::nan("")))));
    CHECK(rounding_of(kF16) == 0x1p-11);
    CHECK(rounding_of(kBf16) == 0x1p-8);
}
