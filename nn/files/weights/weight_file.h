// SPDX-License-Identifier: MIT
// What model files of every format have in common: tensors by name, read or mapped one at a time. A
// model that is written against this interface loads from safetensors, GGUF and llama2.c alike; how
// each format calls its tensors is left to the model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tensor/stored_weight.h"
#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// What the writers take.
struct NamedTensor {
    std::string name;
    Tensor tensor;
    StoredWeight stored = {};  // if the tensor is undefined
};

class WeightFile {
 public:
    virtual ~WeightFile() = default;

    virtual const std::string& path() const = 0;
    virtual std::vector<std::string> names() const = 0;  // in file order
    virtual bool contains(std::string_view name) const = 0;
    // Outermost size first, as in PyTorch. Throws FileError, listing the most similar names, if there
    // is no such tensor.
    virtual std::vector<Index> shape(std::string_view name) const = 0;
    // One tensor, converted to Real. Throws FileError if there is no such tensor, if its element type
    // cannot be converted or it has too many axes, or if the file has been cut short since it was
    // opened.
    virtual Tensor tensor(std::string_view name) const = 0;
    // A matrix of `shape` as it lies in the mapping, without a copy wherever the format allows.
    // Throws FileError if it has another shape or an element type that StoredWeight does not know.
    virtual StoredWeight stored(const std::string& name, const Shape& shape,
                                WeightLayout layout) const = 0;
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
