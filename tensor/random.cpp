// SPDX-License-Identifier: MIT
#include "tensor/random.h"

#include <cmath>

#include "tensor/error.h"

namespace gradus {

namespace {

// log(x) for x in (0, 1], using only IEEE + - * / (correctly rounded) and frexp, so that the last
// bit does not depend on the system's math library. x = m 2^e with m in [sqrt(1/2), sqrt(2)); then
// log m = 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ...) with s = (m-1)/(m+1), |s| <= 0.172: the first
// omitted term, s^23/23, is below 2^-60.
double portable_log(double x) {
    int e;
    double m = std::frexp(x, &e);
    if (m < 0.70710678118654752) m *= 2, --e;
    const double s = (m - 1) / (m + 1), s2 = s * s;
    double sum = 0;
    for (int k = 21; k >= 1; k -= 2) sum = sum * s2 + 1.0 / k;
    return e * 0.69314718055994531 + 2 * s * sum;
}

double unit(std::uint32_t high, std::uint32_t low) {  // 53 of 64 bits, in [0, 1)
    const std::uint64_t bits = (std::uint64_t{high} << 32 | low) >> 11;
    return static_cast<double>(bits) * 0x1p-53;
}

// One attempt of the polar method on a random point of the square: succeeds with probability pi/4.
bool polar(double u, double v, double& normal) {
    u = 2 * u - 1, v = 2 * v - 1;
    const double s = u * u + v * v;
    if (s >= 1 || s == 0) return false;
    normal = u * std::sqrt(-2 * portable_log(s) / s);  // sqrt is correctly rounded everywhere
    return true;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::uint64_t key) {
    auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
        const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
        c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
             static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
        k0 += 0x9E3779B9;  // the golden ratio
        k1 += 0xBB67AE85;  // sqrt(3) - 1
    }
    return c;
}

std::uint32_t Random::bits32() {
    if (used_ == 4) {
        words_ =
            philox({block_++, static_cast<std::uint32_t>(index_),
                    static_cast<std::uint32_t>(index_ >> 32), static_cast<std::uint32_t>(stream_)},
                   seed_);
        used_ = 0;
    }
    return words_[used_++];
}

std::uint64_t Random::bits64() {
    const std::uint64_t high = bits32();
    return high << 32 | bits32();
}

double Random::uniform() {
    const std::uint32_t high = bits32();
    return unit(high, bits32());
}

double Random::normal() {
    for (double result;;) {
        const double u = uniform();
        if (polar(u, uniform(), result)) return result;
    }
}

std::uint64_t Random::below(std::uint64_t n) {
    require(n > 0, "random: below(0) has no value to return");
    // 2^64 mod n: accepting bits below it too would favour small results.
    const std::uint64_t rejected = -n % n;
    for (;;) {
        const std::uint64_t bits = bits64();
        if (bits >= rejected) return bits % n;
    }
}

double normal_at(std::uint64_t seed, Stream stream, std::uint32_t index, std::uint64_t position) {
    // The top bit of the stream word separates these counters from those of class Random; the bits
    // above the stream count the attempts.
    for (std::uint32_t attempt = 0;; ++attempt) {
        const auto w = philox({static_cast<std::uint32_t>(position), index,
                               static_cast<std::uint32_t>(position >> 32),
                               0x80000000u | attempt << 8 | static_cast<std::uint32_t>(stream)},
                              seed);
        double result;
        if (polar(unit(w[0], w[1]), unit(w[2], w[3]), result)) return result;
    }
}

}  // namespace gradus
