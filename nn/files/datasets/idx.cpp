// SPDX-License-Identifier: MIT
#include "nn/files/datasets/idx.h"

#include <iterator>
#include <limits>

#include "nn/files/datasets/number_array_parts.h"
#include "nn/files/gzip.h"
#include "tensor/error.h"

namespace gradus {
namespace {

struct IdxType {
    unsigned code;
    NumberType type;
};
constexpr IdxType kTypes[] = {{0x08, NumberType::u8},  {0x09, NumberType::i8},
                              {0x0B, NumberType::i16}, {0x0C, NumberType::i32},
                              {0x0D, NumberType::f32}, {0x0E, NumberType::f64}};

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

NumberArray idx_array(std::string_view contents, const std::string& name) {
    const auto refuse = [&](std::size_t offset, const std::string& what) {
        throw FileError(name, fmt::format("offset {}: {}", offset, what));
    };
    if (contents.size() < 4)
        refuse(0, fmt::format("{} bytes, but IDX begins with 4", contents.size()));
    if (byte_at(contents, 0) != 0 || byte_at(contents, 1) != 0)
        refuse(0, fmt::format("not IDX, which begins with two zero bytes, but {:02X} {:02X}",
                              byte_at(contents, 0), byte_at(contents, 1)));
    const IdxType* known = std::begin(kTypes);
    while (known != std::end(kTypes) && known->code != byte_at(contents, 2)) ++known;
    if (known == std::end(kTypes))
        refuse(2, fmt::format("type 0x{:02X}, must be 08, 09, 0B, 0C, 0D or 0E",
                              byte_at(contents, 2)));
    const std::size_t rank = byte_at(contents, 3), begin = 4 + 4 * rank;
    if (rank < 1 || rank > Shape::kMaxRank)
        refuse(3, fmt::format("{} axes, must be from 1 to {}", rank, int{Shape::kMaxRank}));
    if (contents.size() < begin) refuse(4, fmt::format("the sizes of {} axes are cut short", rank));
    std::vector<std::uint64_t> sizes(rank, 0);
    for (std::size_t i = 4; i < begin; ++i)
        sizes[(i - 4) / 4] = sizes[(i - 4) / 4] << 8 | byte_at(contents, i);
    const std::string_view data = contents.substr(begin);
    const Shape shape = checked_shape(name, begin, sizes, known->type, data.size());
    return array_of(name, known->type, shape, data, ByteOrder::big);
}

NumberArray read_idx(const std::string& path) {
    const UnpackedFile file(path);
    NumberArray array = idx_array(file.bytes(), path);
    file.bytes();  // throws if they have gone meanwhile
    return array;
}

std::string idx(const NumberArray& array) {
    require_whole("idx", array);
    const IdxType* known = std::begin(kTypes);
    while (known != std::end(kTypes) && known->type != array.type) ++known;
    require(known != std::end(kTypes),
            "idx: the format has only u8, i8, i16, i32, f32 and f64 numbers");
    require(array.shape.rank() >= 1, "idx: the format has no single numbers: reshape to (1)");
    std::string bytes = {0, 0, static_cast<char>(known->code),
                         static_cast<char>(array.shape.rank())};
    for (const Index size : array.shape) {
        require(size <= std::numeric_limits<std::uint32_t>::max(),
                "idx: shape {}, a size must be below 2^32", array.shape);
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
    }
    std::vector<std::uint8_t> data = array.bytes;
    reverse_numbers(data, number_bytes(array.type));
    return bytes.append(data.begin(), data.end());
}

}  // namespace gradus
