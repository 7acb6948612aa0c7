// SPDX-License-Identifier: MIT
#include "nn/files/dtype.h"

#include <bit>

namespace gradus {
namespace {

struct Dtype {
    const char* name;
    int bits;
};

constexpr Dtype kDtypes[] = {
    {"BOOL", 8},    {"U8", 8},          {"I8", 8},   {"F8_E5M2", 8},     {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"I16", 16}, {"F8_E5M2FNUZ", 8}, {"U16", 16},
    {"F16", 16},    {"BF16", 16},       {"I32", 32}, {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},        {"I64", 64}, {"U64", 64},        {"F4", 4},
    {"F6_E2M3", 6}, {"F6_E3M2", 6},
};

}  // namespace

int dtype_bits(std::string_view name) {
    for (const Dtype& dtype : kDtypes)
        if (dtype.name == name) return dtype.bits;
    return 0;
}

float float_from_bf16(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

float float_from_f16(std::uint16_t bits) {
    // 1 sign, 5 exponent (bias 15), 10 fraction bits; a float has 1, 8 (bias 127), 23.
    const std::uint32_t sign = std::uint32_t{bits} >> 15 << 31, exponent = bits >> 10 & 31,
                        fraction = bits & 1023;
    if (exponent == 0) {  // zero and subnormal: fraction * 2^-24
        const float size = static_cast<float>(fraction) * 0x1p-24f;
        return sign ? -size : size;
    }
    const std::uint32_t wide = exponent == 31 ? 255 : exponent + (127 - 15);  // 31: infinity or NaN
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace gradus
