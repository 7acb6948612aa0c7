// SPDX-License-Identifier: MIT
// The header of a safetensors file: 8 bytes that give its size, then JSON that names every tensor
// with its dtype, its shape and its position in the data. Everything in it is checked before any
// of it is used.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/mapped_file.h"
#include "tensor/real.h"

namespace gradus {

inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;  // bytes; as in the reference

using Metadata = std::map<std::string, std::string>;

// The header's entry for one tensor.
struct TensorInfo {
    std::string name, dtype;  // dtype: "F32", "BF16", ...
    std::vector<Index> shape;
    std::uint64_t begin, end;  // bytes, counted from the beginning of the file; end is exclusive
};

struct SafetensorsHeader {
    Metadata metadata;
    std::vector<TensorInfo> tensors;  // in the order of their data
};

// Throws FileError with the offset, the violated rule and the reference implementation's name for
// the error. The checks are made in the reference's order, so that a file with several faults is
// rejected for the same one. Stricter than the reference, it enforces two more rules of the
// format's README: the header begins with '{' (no white space before it), and no key is duplicated.
SafetensorsHeader read_safetensors_header(const MappedFile& file);

}  // namespace gradus
