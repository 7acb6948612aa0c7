// SPDX-License-Identifier: MIT
// Checkpoints of llama2.c (llama2c_header.h), such as the TinyStories models: Llama's tensors under
// Meta's names, tok_embeddings.weight, layers.N.attention.wq.weight and so on; output.weight is missing if it
// is the table of embeddings. The queries and keys are for rotary positions of adjacent pairs (2i,
// 2i + 1). The tokenizer is in a file of its own.
#pragma once

#include <string>
#include <string_view>

#include "nn/files/weights/llama2c_header.h"
#include "nn/files/weights/weight_file.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

class Llama2cFile : public MappedWeightFile<Llama2cHeader> {
 public:
    // Throws FileError as MappedFile and read_llama2c_header() do.
    explicit Llama2cFile(const std::string& path) : MappedWeightFile(path, read_llama2c_header) {}

    const Llama2cConfig& config() const { return header_.config; }
    Tensor tensor(std::string_view name) const override;
    // Version 2 quantises in groups that StoredWeight does not have: its matrices are copies, in f32.
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override;

 private:
    StoredWeight floats(const Llama2cTensor& tensor, const Shape& matrix) const;
    Tensor dequantised(const Llama2cTensor& tensor) const;
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
