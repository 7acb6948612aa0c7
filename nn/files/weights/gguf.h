// SPDX-License-Identifier: MIT
// GGUF, llama.cpp's file format for models (gguf_header.h): metadata, such as the sizes of the model
// and its tokenizer's vocabulary, and tensors, often quantised. Read and written are F32, F16, BF16,
// Q8_0 and Q4_0; files with other types can be opened, but those tensors not read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/files/checksum.h"
#include "nn/files/weights/gguf_header.h"
#include "nn/files/weights/weight_file.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

class GgufFile : public MappedWeightFile<GgufHeader> {
 public:
    // Throws FileError as MappedFile and read_gguf_header() do.
    explicit GgufFile(const std::string& path) : MappedWeightFile(path, read_gguf_header) {}

    const GgufMetadata& metadata() const { return header_.metadata; }
    Tensor tensor(std::string_view name) const override;
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override;

 private:
    StoredWeight matrix(const GgufTensor& tensor, Index rows, Index columns) const;
};

// Writes version 3, with tensors and metadata in the given order: tensors as F32 (in the double build
// rounded to it), stored weights in their own format, each at a multiple of kGgufAlignment bytes.
// Through a temporary file, so that the old file stays intact until the new one is complete. What a
// reader needs to know beyond the tensors, "general.architecture" first, is for the caller to say.
// Returns the file's checksum. Throws std::invalid_argument for an undefined tensor, one in int8 or of
// more than kMaxGgufAxes axes, a name that is duplicated or longer than kMaxGgufName bytes, and a
// "general.alignment" other than ours, and FileError if the file cannot be written.
Checksum save_gguf(const std::string& path, const std::vector<NamedTensor>& tensors,
                   const GgufMetadata& metadata);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
