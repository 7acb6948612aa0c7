// SPDX-License-Identifier: MIT
// Safetensors, a file format for exchanging models (Hugging Face; see README and
// safetensors/src/tensor.rs of the reference implementation): 8 bytes that give the size of the
// header, the header in JSON, then the elements of all tensors, little-endian and row-major, with
// no gaps. Nothing in the file is executed, and no size in it is trusted unchecked.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/files/checksum.h"
#include "nn/files/weights/safetensors_header.h"
#include "nn/files/weights/weight_file.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// Writes F32 (F64 in the double build), and stored weights in their own format: F32, F16, BF16, or
// I8 with rows padded to a multiple of 16 and the scales, in another tensor, under the name with
// ".scale" appended. Through a temporary file, so that the old file stays intact until the new one
// is complete. The order of `tensors` does not matter: they are sorted by the size of their
// elements, the largest first, then by name. The header is padded with spaces to a multiple of 8
// bytes, and `metadata`, unless empty, goes under the key "__metadata__". Returns the file's
// checksum. Throws std::invalid_argument for a tensor that is undefined, has not been loaded, or is
// in a format that has no dtype (q8_0, q4_0), for a name that is duplicated, "__metadata__" or not
// UTF-8, and for metadata that are not UTF-8; and FileError if the file cannot be written.
Checksum save_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                          const Metadata& metadata = {});

class SafetensorsFile : public MappedWeightFile<SafetensorsHeader> {
 public:
    // Throws FileError as MappedFile and read_safetensors_header() do.
    explicit SafetensorsFile(const std::string& path)
        : MappedWeightFile(path, read_safetensors_header) {}

    const Metadata& metadata() const { return header_.metadata; }

    // Reads one tensor. F32, F64, F16 and BF16 are converted to Real.
    // Throws FileError if there is no such tensor, if it has any other dtype, more than
    // Shape::kMaxRank axes or an F64 too large for a float, or if the file has been truncated since
    // it was opened.
    Tensor tensor(std::string_view name) const override;

    // The same, into an existing tensor such as a model's parameter. Also throws FileError unless
    // the shapes match.
    void read(std::string_view name, const Tensor& into) const;

    // A matrix of `shape` as it lies in the mapping, without a copy: F32, F16, BF16, or I8 as
    // save_safetensors writes it. Throws FileError for any other dtype or shape.
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override;

    // The bytes of a tensor of any dtype, directly in the mapping, without a copy. They stay valid
    // as long as this file or a copy of it exists. Throws FileError if there is no such tensor, or
    // if the file has been truncated.
    std::string_view bytes(std::string_view name) const;
};

inline SafetensorsFile load_safetensors(const std::string& path) {
    return SafetensorsFile(path);
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
