// SPDX-License-Identifier: MIT
// The header of a GGUF file, version 2 or 3 (ggml's docs/gguf.md, and gguf.cpp in llama.cpp): "GGUF", a
// version, two counts, the metadata, then the name, shape, type and place of every tensor; all
// little-endian. Everything in it is checked before any of it is used: each count against the bytes
// that are there, so that no memory is taken on the file's word.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/files/mapped_file.h"
#include "nn/files/weights/ggml_type.h"
#include "nn/files/weights/gguf_metadata.h"
#include "tensor/real.h"

namespace gradus {

// More than any model has. A file of a gigabyte might hold 70 million entries of metadata, and they
// take ten times that in memory.
inline constexpr std::uint64_t kMaxGgufEntries = 1 << 16, kMaxGgufTensors = 1 << 20;
inline constexpr std::size_t kMaxGgufName = 63;   // bytes of a tensor's name; as in the reference
inline constexpr std::uint32_t kMaxGgufAxes = 4;  // likewise
inline constexpr std::uint32_t kGgufAlignment =
    32;  // bytes, unless "general.alignment" says otherwise

// The header's entry for one tensor.
struct GgufTensor {
    std::string name;
    const GgmlType* type;
    std::vector<Index> shape;  // outermost size first; the file has them in the opposite order
    std::uint64_t begin, end;  // bytes, counted from the beginning of the file; end is exclusive
};

struct GgufHeader {
    GgufMetadata metadata;
    std::vector<GgufTensor> tensors;  // in the order of their data
};

// Throws FileError with the offset and the violated rule. The rules are those of the reference, which
// allows data after the last tensor; two more are from the format's text: a bool is 0 or 1, and a key has at
// most kMaxGgufKey bytes; and the counts have the limits above.
GgufHeader read_gguf_header(const MappedFile& file);

}  // namespace gradus
