// SPDX-License-Identifier: MIT
// What the readers of number arrays share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/files/datasets/number_array.h"

namespace gradus {

// Throws FileError, naming the offset, unless there are at most Shape::kMaxRank sizes, which with
// numbers of this type take exactly the `there` bytes that follow the offset.
Shape checked_shape(const std::string& name, std::uint64_t offset,
                    const std::vector<std::uint64_t>& sizes, NumberType type, std::uint64_t there);

// An array whose numbers lie in `data`, in either byte order. Throws FileError for a boolean that is
// neither 0 nor 1.
enum class ByteOrder { little, big };
NumberArray array_of(const std::string& name, NumberType type, const Shape& shape,
                     std::string_view data, ByteOrder order);

// The bytes of each number in the opposite order.
void reverse_numbers(std::vector<std::uint8_t>& bytes, int width);

// Throws std::invalid_argument, naming the function, unless there are as many bytes as the shape needs.
void require_whole(const char* function, const NumberArray& array);

}  // namespace gradus
