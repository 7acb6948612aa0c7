// SPDX-License-Identifier: MIT
#include "nn/files/weights/dtype.h"

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

}  // namespace gradus
