// SPDX-License-Identifier: MIT
// What model files of every format have in common: tensors by name, read or mapped one at a time. A
// model that is written against this interface loads from safetensors, GGUF and llama2.c alike; how
// each format calls its tensors is left to the model.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/mapped_file.h"
#include "nn/files/tensor_name.h"
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

// A WeightFile of one file, mapped and not read: the elements stay on disk until they are used, so a
// model of many gigabytes can be read one tensor at a time, even by several threads at once. Copies
// share the mapping. Header: what a format's file begins with; of its `tensors`, each has a name and a
// shape.
template <class Header>
class MappedWeightFile : public WeightFile {
 public:
    using Info = typename decltype(Header::tensors)::value_type;

    const std::string& path() const override { return file_->path(); }
    // In file order, as names() are.
    const std::vector<Info>& tensors() const { return header_.tensors; }
    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const Info& tensor : header_.tensors) result.push_back(tensor.name);
        return result;
    }
    bool contains(std::string_view name) const override { return by_name_.count(name) > 0; }
    std::vector<Index> shape(std::string_view name) const override { return info(name).shape; }
    // Throws FileError, listing the most similar names, if there is no such tensor.
    const Info& info(std::string_view name) const {
        const auto at = by_name_.find(name);
        if (at == by_name_.end()) throw FileError(path(), no_tensor(name, names()));
        return header_.tensors[at->second];
    }

 protected:
    // Throws FileError as MappedFile and `read`, which checks the header, do.
    MappedWeightFile(const std::string& path, Header (*read)(const MappedFile&))
        : file_(std::make_shared<MappedFile>(path)), header_(read(*file_)) {
        for (std::size_t i = 0; i < header_.tensors.size(); ++i)
            by_name_[header_.tensors[i].name] = i;
    }

    std::shared_ptr<const MappedFile> file_;
    Header header_;

 private:
    std::map<std::string, std::size_t, std::less<>> by_name_;  // position in header_.tensors
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
