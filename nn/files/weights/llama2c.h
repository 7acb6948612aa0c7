// SPDX-License-Identifier: MIT
// Checkpoints of llama2.c (llama2c_header.h), such as the TinyStories models: Llama's tensors under
// Meta's names, tok_embeddings.weight, layers.N.attention.wq.weight and so on; output.weight is missing if it
// is the table of embeddings. The queries and keys are for rotary positions of adjacent pairs (2i,
// 2i + 1). The tokenizer is in a file of its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/weights/llama2c_header.h"
#include "nn/files/weights/weight_file.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// An open file, mapped as a SafetensorsFile is. Copies share the mapping.
class Llama2cFile : public WeightFile {
 public:
    // Throws FileError as MappedFile and read_llama2c_header() do.
    explicit Llama2cFile(const std::string& path);

    const std::string& path() const override { return file_->path(); }
    const Llama2cConfig& config() const { return header_.config; }
    std::vector<std::string> names() const override;
    bool contains(std::string_view name) const override { return by_name_.count(name) > 0; }
    std::vector<Index> shape(std::string_view name) const override { return info(name).shape; }
    Tensor tensor(std::string_view name) const override;
    // Version 2 quantises in groups that StoredWeight does not have: its matrices are copies, in f32.
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override;

 private:
    const Llama2cTensor& info(std::string_view name) const;
    StoredWeight floats(const Llama2cTensor& tensor, const Shape& matrix) const;
    Tensor dequantised(const Llama2cTensor& tensor) const;

    std::shared_ptr<const MappedFile> file_;
    Llama2cHeader header_;
    std::map<std::string, std::size_t, std::less<>> by_name_;  // position in header_.tensors
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
