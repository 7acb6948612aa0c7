// SPDX-License-Identifier: MIT
// Safetensors, the file format in which models are exchanged (Hugging Face; README and
// safetensors/src/tensor.rs of the reference implementation): 8 bytes that give the size of a
// header, the header in JSON, then the numbers of all tensors, little-endian and row-major, with no
// gaps. Nothing in such a file is executed, and nothing it says about sizes is believed unchecked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

struct NamedTensor {
    std::string name;
    Tensor tensor;
};

using Metadata = std::map<std::string, std::string>;

// Writes F32 (F64 in the double build), through a temporary file, so that the old file stays whole
// until the new one is. The same tensors in any order give the same bytes: sorted by name, the
// header padded with spaces to a multiple of 8, `metadata` under the key "__metadata__" unless
// empty. Throws std::invalid_argument for an undefined tensor, a name that comes twice, is
// "__metadata__" or is not UTF-8, and FileError if the file cannot be written.
void save_safetensors(const std::string& path, std::vector<NamedTensor> tensors,
                      const Metadata& metadata = {});

// What the header says about one tensor.
struct TensorInfo {
    std::string name, dtype;  // dtype: "F32", "BF16", ...
    std::vector<Index> shape;
    std::uint64_t begin, end;  // bytes, counted from the beginning of the file; end is exclusive
};

// An open file whose header has been checked. The numbers stay on the disk until they are asked
// for, so a model of many gigabytes can be read one tensor at a time, also by several
// threads.
class SafetensorsFile {
 public:
    // Throws FileError with the offset, the rule and the reference implementation's name of the
    // error. Stricter than the reference in two points of the format's README: the header begins
    // with '{' (no white space before it), and no key comes twice.
    explicit SafetensorsFile(const std::string& path);

    const std::string& path() const { return path_; }
    const Metadata& metadata() const { return metadata_; }
    // In the order of their bytes, and so are the names.
    const std::vector<TensorInfo>& tensors() const { return tensors_; }
    std::vector<std::string> names() const;

    bool contains(std::string_view name) const { return find(name) != nullptr; }
    // Throws FileError, with the nearest names, if there is no such tensor.
    const TensorInfo& info(std::string_view name) const;

    // Reads one tensor. F32, F64, F16 and BF16 become Real.
    // Throws FileError if there is none of that name, for other dtypes and more than
    // Shape::kMaxRank axes, for an F64 too large for a float, and if the file has been cut short
    // since it was opened.
    Tensor tensor(std::string_view name) const;

    // The same into numbers that exist: into a model's parameter. Throws FileError unless the
    // shapes agree.
    void read(std::string_view name, const Tensor& into) const;

 private:
    struct Input;  // the open file

    const TensorInfo* find(std::string_view name) const;  // nullptr: not there
    void parse_header(std::string_view header);           // fills metadata_, tensors_ and by_name_
    void check_offsets(std::uint64_t data_begin);

    std::string path_;
    std::shared_ptr<const Input> input_;
    Metadata metadata_;
    std::vector<TensorInfo> tensors_;
    std::map<std::string, std::size_t, std::less<>> by_name_;  // position in tensors_
};

inline SafetensorsFile load_safetensors(const std::string& path) {
    return SafetensorsFile(path);
}

}  // namespace GRADUS_PRECISION

// One number in 16 bits: IEEE 754 binary16, and bfloat16 (the upper half of a float). Both exact.
float float_from_f16(std::uint16_t bits);
float float_from_bf16(std::uint16_t bits);

}  // namespace gradus
