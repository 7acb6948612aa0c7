// SPDX-License-Identifier: MIT
// Numbers as data files hold them (IDX, .npy): of any type, so that an image's pixels take a byte
// each, as in the file. nn/files/datasets/array_tensor.h converts them to and from tensors.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/shape.h"

namespace gradus {

// A boolean takes a byte, 0 or 1; u: unsigned, i: signed, f: floating-point; then the bits.
enum class NumberType { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };

int number_bytes(NumberType type);

struct NumberArray {
    NumberType type = NumberType::f32;
    Shape shape;
    std::vector<std::uint8_t> bytes;  // row-major, without gaps, in this machine's byte order

    // Number i in row-major order, unchecked. Integers of 64 bits beyond 2^53 are rounded.
    double operator[](Index i) const;
};

}  // namespace gradus
