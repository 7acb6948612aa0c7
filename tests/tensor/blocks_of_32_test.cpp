// SPDX-License-Identifier: MIT
// Q8_0 and Q4_0: known bytes, those of an independent implementation, and the bounds of the errors.
#include "tensor/blocks_of_32.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "tensor/ops.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

std::string quantised_q8_0(const Tensor& x) {
    std::string bytes(static_cast<std::size_t>(x.count() / 32 * kQ8Bytes), '\x55');
    ops().quantise_blocks(bytes.data(), x.data(), x.count() / 32, 8);
    return bytes;
}
std::string quantised_q4_0(const Tensor& x) {
    std::string bytes(static_cast<std::size_t>(x.count() / 32 * kQ4Bytes), '\x55');
    ops().quantise_blocks(bytes.data(), x.data(), x.count() / 32, 4);
    return bytes;
}
// Read from an odd address: a file's bytes lie anywhere.
Tensor values_q8_0(const std::string& bytes) {
    const Tensor y = Tensor::empty({static_cast<Index>(bytes.size()) / kQ8Bytes * 32});
    ops().dequantise_blocks(y.data(), ("x" + bytes).data() + 1, y.count() / 32, 8);
    return y;
}
Tensor values_q4_0(const std::string& bytes) {
    const Tensor y = Tensor::empty({static_cast<Index>(bytes.size()) / kQ4Bytes * 32});
    ops().dequantise_blocks(y.data(), ("x" + bytes).data() + 1, y.count() / 32, 4);
    return y;
}

// x[i] = (i + 1) (sign of i) / 4, by exact steps.
Tensor ramp() {
    Tensor x({32});
    for (Index i = 0; i < 32; ++i)
        x[i] = static_cast<Real>(i % 2 ? -(i + 1) : i + 1) / 4;  // the largest is -8
    return x;
}

// 64-bit FNV-1a of the bytes: what the independent implementation's bytes are compared by.
std::uint64_t hash(const std::string& bytes) {
    std::uint64_t h = 0xcbf29ce484222325;
    for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return h;
}

// Values whose construction is exact in any language: small multiples of powers of two, with the
// magnitude of a block growing from 2^-32 to 2^10.
Tensor many() {
    Tensor x({400 * 32});
    std::uint32_t state = 12345;
    for (Index i = 0; i < x.count(); ++i) {
        state = state * 1664525 + 1013904223;
        const auto whole = static_cast<Real>(static_cast<int>(state >> 12) - (1 << 19));
        x[i] = std::ldexp(whole, static_cast<int>(i / 32 % 43) - 32 - 19);
    }
    return x;
}

}  // namespace

TEST_CASE("a block of Q8_0 is a scale in f16 and 32 signed bytes") {
    Tensor x({32});
    x[0] = 127, x[1] = -127, x[2] = Real(0.5), x[3] = Real(-0.5), x[4] = Real(1.5),
    x[5] = Real(0.49), x[31] = -3;
    std::string expected(34, '\0');
    expected[0] = '\x00', expected[1] = '\x3C';  // 1
    expected[2] = '\x7F', expected[3] = '\x81';
    expected[4] = '\x01', expected[5] = '\xFF', expected[6] = '\x02';  // ties away from zero
    expected[33] = '\xFD';
    CHECK(quantised_q8_0(x) == expected);
    const Tensor y = values_q8_0(expected);
    CHECK(y[0] == 127);
    CHECK(y[1] == -127);
    CHECK(y[3] == -1);
    CHECK(y[4] == 2);
    CHECK(y[31] == -3);
}

TEST_CASE("Q8_0 multiplies by 1 / d, as the reference does: to divide by d gives other bytes") {
    Tensor x({32});
    x[0] = 1, x[1] = static_cast<Real>(0x1.224488p-5), x[2] = static_cast<Real>(-0x1.60c182p-1);
    const std::string bytes = quantised_q8_0(x);
    CHECK(int{bytes[2]} == 127);
    CHECK(int{bytes[3]} == 4);                              // x / d is 4.5
    CHECK(int{static_cast<signed char>(bytes[4])} == -87);  // on arm64, char is unsigned
}

TEST_CASE("a block of Q4_0 is a scale in f16 and 16 bytes, each with values 16 apart") {
    const std::string bytes = quantised_q4_0(ramp());
    // The largest, -8, is -8 d with d = 1; 7.75, with no 8 for it, becomes 7.
    const std::string expected = std::string("\x00\x3C", 2) +
                                 "\xC8\x48\xD9\x37\xD9\x37\xEA\x26\xEA\x26\xFB\x15\xFB\x15\xFC\x04";
    CHECK(bytes == expected);
    const Tensor y = values_q4_0(bytes);
    CHECK(y[0] == 0);
    CHECK(y[1] == 0);
    CHECK(y[2] == 1);
    CHECK(y[16] == 4);
    CHECK(y[30] == 7);
    CHECK(y[31] == -8);
    // With the largest positive, d is negative.
    Tensor x({32});
    x[7] = 4, x[8] = -4;  // of equal ones the first
    const std::string negative = quantised_q4_0(x);
    CHECK(negative.substr(0, 2) == std::string("\x00\xB8", 2));  // -0.5
    CHECK(values_q4_0(negative)[7] == 4);
    CHECK(values_q4_0(negative)[8] == Real(-3.5));
}

TEST_CASE("a block of zeros, and one too small for a scale, become zeros") {
    CHECK(quantised_q8_0(Tensor({32})) == std::string(34, '\0'));
    // 0 / -8 is -0.
    CHECK(quantised_q4_0(Tensor({32})) == std::string("\x00\x80", 2) + std::string(16, '\x88'));
    Tensor x({32});
    x[0] = static_cast<Real>(1e-44), x[1] = static_cast<Real>(-1e-44);  // 1 / d would be infinite
    CHECK(quantised_q8_0(x) == std::string(34, '\0'));
    for (const Real y : values_q4_0(quantised_q4_0(x)).to_vector()) CHECK(y == 0);
    x[0] = static_cast<Real>(1e-20);  // the scale, in f16, is 0
    CHECK(quantised_q8_0(x).substr(0, 3) == std::string("\x00\x00\x7F", 3));
    for (const Real y : values_q8_0(quantised_q8_0(x)).to_vector()) CHECK(y == 0);
}

TEST_CASE("12800 numbers of all sizes become the bytes of an independent implementation") {
    // numpy, 1.24, with float32 throughout:
    //   q8_0: d = max|x| / 127, q = trunc(abs(x (1 / d)) + 0.5) with the sign of x
    //   q4_0: d = x[argmax|x|] / -8, q = min(15, trunc(x (1 / d) + 8.5))
    const Tensor x = many();
    CHECK(hash(quantised_q8_0(x)) == 0xac4acf47d83cc4ee);
    CHECK(hash(quantised_q4_0(x)) == 0xc6a6008d1e45219b);
}

TEST_CASE("no value moves by more than the header says") {
    const Tensor x = uniform({1000 * 32}, 7, -3, 3);
    const Tensor y8 = values_q8_0(quantised_q8_0(x)), y4 = values_q4_0(quantised_q4_0(x));
    double most8 = 0, most4 = 0;  // in units of the bound
    for (Index i = 0; i < x.count(); ++i) {
        double largest = 0;
        for (Index k = i / 32 * 32; k < i / 32 * 32 + 32; ++k)
            largest = std::max(largest, static_cast<double>(std::abs(x[k])));
        const auto error8 = static_cast<double>(std::abs(x[i] - y8[i])),
                   error4 = static_cast<double>(std::abs(x[i] - y4[i]));
        most8 = std::max(most8, error8 / (largest * (0.5 / 127 + 0x1p-11)));
        most4 = std::max(most4, error4 / (largest * (1.0 / 8 + 0x1p-11)));
    }
    CHECK(most8 <= 1);
    CHECK(most8 > 0.8);
    CHECK(most4 <= 1);
    CHECK(most4 > 0.8);
}

TEST_CASE("what a block represents is quantised to the same values again") {
    const Tensor x = uniform({100 * 32}, 8, -2, 2);
    const Tensor y8 = values_q8_0(quantised_q8_0(x));
    CHECK(same_bits(values_q8_0(quantised_q8_0(y8)), y8));
    const Tensor y4 = values_q4_0(quantised_q4_0(x));
    CHECK(same_bits(values_q4_0(quantised_q4_0(y4)), y4));
}

TEST_CASE("every byte has a value, whatever a file holds") {
    std::string q8(34 * 256, '\0'), q4(18 * 256, '\0');
    for (std::size_t b = 0; b < 256; ++b) {
        for (std::size_t i = 2; i < 34; ++i) q8[34 * b + i] = static_cast<char>(b);
        for (std::size_t i = 2; i < 18; ++i) q4[18 * b + i] = static_cast<char>(b);
        q8[34 * b + 1] = q4[18 * b + 1] = '\x40';  // 2
    }
    const Tensor y8 = values_q8_0(q8), y4 = values_q4_0(q4);
    for (Index b = 0; b < 256; ++b) {
        CHECK(y8[32 * b + 31] == static_cast<Real>(2 * (b < 128 ? b : b - 256)));
        CHECK(y4[32 * b + 15] == static_cast<Real>(2 * (b % 16 - 8)));
        CHECK(y4[32 * b + 16] == static_cast<Real>(2 * (b / 16 - 8)));
    }
    q8[0] = '\0', q8[1] = '\x7C';  // an infinite scale
    CHECK(std::isnan(values_q8_0(q8)[0]));
}
