// SPDX-License-Identifier: MIT
#include "nn/files/datasets/number_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "nn/files/datasets/number_array_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

static_assert(std::endian::native == std::endian::little, "array_of() reverses what is not");

template <class T>
double number_at(const std::uint8_t* bytes, Index i) {
    T value;  // memcpy because the bytes need not be aligned
    std::memcpy(&value, bytes + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
    return static_cast<double>(value);
}

}  // namespace

int number_bytes(NumberType type) {
    switch (type) {
        case NumberType::boolean:
        case NumberType::u8:
        case NumberType::i8:
            return 1;
        case NumberType::u16:
        case NumberType::i16:
            return 2;
        case NumberType::u32:
        case NumberType::i32:
        case NumberType::f32:
            return 4;
        default:
            return 8;
    }
}

double NumberArray::operator[](Index i) const {
    switch (type) {
        case NumberType::i8:
            return number_at<std::int8_t>(bytes.data(), i);
        case NumberType::u16:
            return number_at<std::uint16_t>(bytes.data(), i);
        case NumberType::i16:
            return number_at<std::int16_t>(bytes.data(), i);
        case NumberType::u32:
            return number_at<std::uint32_t>(bytes.data(), i);
        case NumberType::i32:
            return number_at<std::int32_t>(bytes.data(), i);
        case NumberType::u64:
            return number_at<std::uint64_t>(bytes.data(), i);
        case NumberType::i64:
            return number_at<std::int64_t>(bytes.data(), i);
        case NumberType::f32:
            return number_at<float>(bytes.data(), i);
        case NumberType::f64:
            return number_at<double>(bytes.data(), i);
        default:
            return bytes[static_cast<std::size_t>(i)];
    }
}

Shape checked_shape(const std::string& name, std::uint64_t offset,
                    const std::vector<std::uint64_t>& sizes, NumberType type, std::uint64_t there) {
    if (sizes.size() > Shape::kMaxRank)
        throw FileError(name, fmt::format("offset {}: {} axes, at most {} are supported", offset,
                                          sizes.size(), int{Shape::kMaxRank}));
    // Sizes of 0 are left out, so that no order of multiplication overflows.
    Index bytes = number_bytes(type);
    bool fits = true, empty = false;
    std::vector<Index> list;
    for (const std::uint64_t size : sizes) {
        list.push_back(static_cast<Index>(size));
        empty = empty || size == 0;
        fits = fits && list.back() >= 0 &&
               (size == 0 || !__builtin_mul_overflow(bytes, list.back(), &bytes));
    }
    if (!fits)
        throw FileError(name, fmt::format("offset {}: the product of the sizes is too large ({})",
                                          offset, fmt::join(sizes, " x ")));
    const Shape shape(list);
    const std::uint64_t needed = empty ? 0 : static_cast<std::uint64_t>(bytes);
    if (needed != there)
        throw FileError(
            name, fmt::format("offset {}: shape {} takes {} bytes, but {} follow; {}", offset,
                              shape, needed, there,
                              needed > there ? "the file is cut short" : "there are too many"));
    return shape;
}

NumberArray array_of(const std::string& name, NumberType type, const Shape& shape,
                     std::string_view data, ByteOrder order) {
    NumberArray array{type, shape, {data.begin(), data.end()}};
    if (order == ByteOrder::big) reverse_numbers(array.bytes, number_bytes(type));
    if (type == NumberType::boolean) {
        const auto odd = std::find_if(array.bytes.begin(), array.bytes.end(),
                                      [](std::uint8_t value) { return value > 1; });
        if (odd != array.bytes.end())
            throw FileError(name, fmt::format("element {}: {} is not a boolean, 0 or 1",
                                              std::distance(array.bytes.begin(), odd), *odd));
    }
    return array;
}

void reverse_numbers(std::vector<std::uint8_t>& bytes, int width) {
    if (width == 1) return;
    for (auto at = bytes.begin(); at != bytes.end(); at += width) std::reverse(at, at + width);
}

void require_whole(const char* function, const NumberArray& array) {
    const auto needed = static_cast<std::size_t>(array.shape.count() * number_bytes(array.type));
    require(array.bytes.size() == needed, "{}: {} bytes for shape {}, must be {}", function,
            array.bytes.size(), array.shape, needed);
}

}  // namespace gradus
