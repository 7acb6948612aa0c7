// SPDX-License-Identifier: MIT
// A model in several safetensors files (shards), as Hugging Face splits large ones: beside them is
// "model.safetensors.index.json" with the object "weight_map", which names the shard of every tensor.
// The index is held against the shards in both directions. Its "metadata" is not read: nothing needs
// the "total_size" there, and tools that edit a model leave it stale.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/files/weights/safetensors.h"

namespace gradus {

// Bytes. The largest index that we know of, of a model with 90 thousand tensors, takes 9 million.
inline constexpr std::uint64_t kMaxSafetensorsIndex = 64'000'000;

inline namespace GRADUS_PRECISION {

// All shards are opened, and their headers checked, once. Copies share the mappings.
class ShardedSafetensors : public WeightFile {
 public:
    // Throws FileError if the index is not JSON of this form, if a shard is missing, damaged or not in
    // the index's folder, if a tensor is in two shards or not in the one that the index names, or if
    // a shard holds a tensor that the index does not list.
    explicit ShardedSafetensors(const std::string& index);

    const std::string& path() const override { return path_; }  // of the index
    // Shard by shard, these in the order of their names.
    std::vector<std::string> names() const override;
    bool contains(std::string_view name) const override { return shard_of_.count(name) > 0; }
    std::vector<Index> shape(std::string_view name) const override {
        return shard(name).shape(name);
    }
    Tensor tensor(std::string_view name) const override { return shard(name).tensor(name); }
    // I8 needs its scales in the same shard.
    StoredWeight stored(const std::string& name, const Shape& shape,
                        WeightLayout layout) const override {
        return shard(name).stored(name, shape, layout);
    }

 private:
    const SafetensorsFile& shard(std::string_view name) const;

    std::string path_;
    std::vector<SafetensorsFile> shards_;
    std::map<std::string, std::size_t, std::less<>> shard_of_;  // position in shards_
};

// Opens a file (.safetensors), an index (.json), or a folder that has a "model.safetensors" or else a
// "model.safetensors.index.json". Throws FileError if there is neither, or as the two classes do.
std::unique_ptr<WeightFile> open_safetensors(const std::string& folder_or_file);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
