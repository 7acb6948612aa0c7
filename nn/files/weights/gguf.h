// SPDX-License-Identifier: MIT
// GGUF, llama.cpp's file format for models (gguf_header.h): metadata, such as the sizes of the model
// and its tokenizer's vocabulary, and tensors, often quantised. Read and written are F32, F16, BF16,
// Q8_0 and Q4_0; files with other types can be opened, but those tensors not read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/checksum.h"
#include "nn/files/weights/gguf_header.h"
#include "nn/files/weights/weight_file.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// An open file whose header has been checked. It is mapped, not read, as a SafetensorsFile is. Copies
// share the mapping.
class GgufFile : public WeightFile {
 public:
    // Throws FileError as MappedFile and read_gguf_header() do.
    explicit GgufFile(const std::string& path);

    const std::string& path() const override { return file_->path(); }
    const GgufMetadata& metadata() const { return header_.metadata; }
    // Tensors and names are in file order.
    const std::vector<GgufTensor>& tensors() const { return header_.tensors; }
    std::vector<std::string> names() const override;
    bool contains(std::string_view name) const override { return by_name_.count(name) > 0; }
    std::vector<Index> shape(std::string_view name) const override { return info(name).shape; }
    // Throws FileError, listing the most similar names, if there is no such tensor.
    const GgufTensor& info(std::string_view name) const;

    Tensor tensor(std::string_view name) const override;
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override;

 private:
    StoredWeight matrix(const GgufTensor& tensor, Index rows, Index columns) const;

    std::shared_ptr<const MappedFile> file_;
    GgufHeader header_;
    std::map<std::string, std::size_t, std::less<>> by_name_;  // position in header_.tensors
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
