// SPDX-License-Identifier: MIT
// 16-bit numbers to Real. Plain loops without a branch: both compilers vectorise them, and the time
// is that of reading the numbers. bench: decode_bench.
#include "tensor/half.h"

#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

namespace {

inline std::uint32_t bits_at(const char* x, Index i) {
    std::uint16_t bits;
    __builtin_memcpy(&bits, x + 2 * i, 2);  // a file's numbers need not be aligned
    return bits;
}
inline float as_float(std::uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, 4);
    return x;
}
inline std::uint32_t as_bits(float x) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    return bits;
}

// Moved to where a float has them, exponent and fraction mean 2^-112 of the value (the exponents'
// offsets are 15 and 127). That holds for subnormal numbers too, but the processor takes 150 cycles for
// a product with a subnormal float: a token of GPT-2's size took 27 ms instead of 20, though only one
// weight in 400 was that small. Hence whole steps of 2^-24 for these.
inline float from_f16(std::uint32_t bits) {
    const std::uint32_t size = bits & 0x7fff, special = size >= 0x7c00 ? 0x7f800000u : 0u;
    const std::uint32_t normal = (size << 13) + (112u << 23),
                        small =
                            as_bits(static_cast<float>(static_cast<std::int32_t>(size)) * 0x1p-24f);
    return as_float((size < 0x400 ? small : normal) | special | (bits & 0x8000) << 16);
}

// y[i] = convert(bits of x[i]), 64 bytes of x at a time. They are prefetched into L2, 4 KiB ahead, as
// those of 8-bit weights are (int8.cpp): a matrix is read in short parts, too short for the
// hardware prefetcher.
template <class Convert>
void widen(Real* y, const void* x, Index n, Convert convert) {
    constexpr Index kLine = 32, kAhead = 4096;
    const char* bytes = static_cast<const char*>(x);
    parallel_for(n, kGrain, [=](Index begin, Index end) {
        Index i = begin;
        for (; i + kLine <= end; i += kLine) {
            __builtin_prefetch(bytes + 2 * i + kAhead, 0, 2);
            for (Index j = i; j < i + kLine; ++j)
                y[j] = static_cast<Real>(convert(bits_at(bytes, j)));
        }
        for (; i < end; ++i) y[i] = static_cast<Real>(convert(bits_at(bytes, i)));
    });
}

}  // namespace

void widen_f16(Real* y, const void* x, Index n) {
    widen(y, x, n, [](std::uint32_t bits) { return from_f16(bits); });
}

void widen_bf16(Real* y, const void* x, Index n) {
    widen(y, x, n, [](std::uint32_t bits) { return as_float(bits << 16); });
}

GRADUS_KERNELS_END
