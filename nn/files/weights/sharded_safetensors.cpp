// SPDX-License-Identifier: MIT
#include "nn/files/weights/sharded_safetensors.h"

#include <fmt/format.h>

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "nn/files/tensor_name.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace {

using WeightMap = std::map<std::string, std::string>;  // tensor -> shard

// A file in the index's own folder: no path that leads out of it, and none that a zero byte cuts.
bool is_file_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string("/\0", 2)) == name.npos;
}

// Collects the pairs of "weight_map" while the parser runs: a key that is there twice would go unnoticed
// in the parsed object. The parser keeps nothing, since at the end of an object it looks through all
// that it has kept.
class IndexReader {
 public:
    explicit IndexReader(const std::string& path) : path_(path) {}

    // nlohmann's parser callback. depth: the number of objects and lists around the event.
    bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& value) {
        using Event = nlohmann::json::parse_event_t;
        if (event == Event::key && depth == 1) {
            inside_ = value == "weight_map";
            if (inside_ && found_) refuse("\"weight_map\" is there twice");
            found_ = found_ || inside_;
            return inside_;
        } else if (event == Event::key && depth == 2 && inside_) {
            tensor_ = value.get<std::string>();
            return false;
        } else if (event == Event::value && depth == 2 && inside_) {
            add(value);
        } else if (inside_ && depth == 1 && event != Event::object_start &&
                   event != Event::object_end) {
            refuse("\"weight_map\" is not an object");
        } else if (event == Event::object_start || event == Event::array_start) {
            if (inside_ && depth == 2) add(nullptr);
            if (depth > 100) refuse("more than 100 brackets inside one another");
            return depth == 0 || (depth == 1 && inside_);
        }
        return true;
    }
    WeightMap finish() {
        if (!found_) refuse("no object \"weight_map\": is this the index of a safetensors model?");
        return std::move(map_);
    }

 private:
    [[noreturn]] void refuse(const std::string& what) const { throw FileError(path_, what); }

    void add(const nlohmann::json& shard) {
        if (!shard.is_string())
            refuse(fmt::format("weight_map: the shard of tensor {} is not a string",
                               quoted_name(tensor_)));
        const std::string name = shard.get<std::string>();
        if (!is_file_name(name))
            refuse(
                fmt::format("weight_map: tensor {} is in {}, which is not the name of a file in "
                            "the index's folder",
                            quoted_name(tensor_), quoted_name(name)));
        if (!map_.emplace(tensor_, name).second)
            refuse(fmt::format("weight_map: tensor {} is there twice", quoted_name(tensor_)));
    }

    std::string path_;
    WeightMap map_;
    bool found_ = false, inside_ = false;  // the object "weight_map"
    std::string tensor_;
};

WeightMap read_index(const std::string& path) {
    const MappedFile file(path);
    if (file.size() > kMaxSafetensorsIndex)
        throw FileError(path, fmt::format("an index of {} bytes, at most {} are allowed",
                                          file.size(), kMaxSafetensorsIndex));
    const std::string_view text = file.bytes(0, file.size());
    // The parser takes a zero byte for the end, and would miss anything hidden after it.
    if (const std::size_t zero = text.find('\0'); zero != text.npos)
        throw FileError(path, fmt::format("offset {}: the index is not JSON: byte 0x00", zero));
    try {
        IndexReader reader(path);
        [[maybe_unused]] const auto emptied =
            nlohmann::json::parse(text.begin(), text.end(), std::ref(reader));
        return reader.finish();
    } catch (const nlohmann::json::parse_error& error) {
        throw FileError(path, fmt::format("offset {}: the index is not JSON",
                                          error.byte > 0 ? error.byte - 1 : 0));
    } catch (const nlohmann::json::out_of_range&) {
        throw FileError(path, "the index holds a number that is too large");
    } catch (const std::bad_alloc&) {
        throw FileError(path,
                        fmt::format("not enough memory for an index of {} bytes", file.size()));
    }
}

}  // namespace

ShardedSafetensors::ShardedSafetensors(const std::string& index) : path_(index) {
    const WeightMap map = read_index(index);
    std::map<std::string, std::string> shards;  // file -> one of its tensors
    for (const auto& [tensor, file] : map) shards.emplace(file, tensor);
    const std::filesystem::path folder = std::filesystem::path(index).parent_path();
    std::vector<std::string> files;
    for (const auto& [file, tensor] : shards) {
        const std::string place = (folder / file).string();
        std::error_code
            unknown;  // a name that is too long, say, for which the opening has the words
        if (!std::filesystem::exists(place, unknown) && !unknown)
            throw FileError(index, fmt::format("the shard {}, with tensor {}, is missing: has all "
                                               "of the model been copied?",
                                               quoted_name(file), quoted_name(tensor)));
        files.push_back(file);
        shards_.emplace_back(place);
        for (const std::string& name : shards_.back().names()) {
            const auto [at, fresh] = shard_of_.emplace(name, shards_.size() - 1);
            if (!fresh)
                throw FileError(
                    index, fmt::format("tensor {} is in two shards, {} and {}", quoted_name(name),
                                       quoted_name(files[at->second]), quoted_name(file)));
        }
    }
    for (const auto& [tensor, file] : map) {
        const auto at = shard_of_.find(tensor);
        if (at == shard_of_.end())
            throw FileError(index, fmt::format("tensor {} is not in {}, as the index says, nor in "
                                               "any other shard",
                                               quoted_name(tensor), quoted_name(file)));
        if (files[at->second] != file)
            throw FileError(
                index, fmt::format("tensor {} is in {}, but the index says {}", quoted_name(tensor),
                                   quoted_name(files[at->second]), quoted_name(file)));
    }
    for (const auto& [tensor, shard] : shard_of_)
        if (!map.count(tensor))
            throw FileError(index, fmt::format("the shard {} holds tensor {}, which the index does "
                                               "not list",
                                               quoted_name(files[shard]), quoted_name(tensor)));
}

std::vector<std::string> ShardedSafetensors::names() const {
    std::vector<std::string> all;
    for (const SafetensorsFile& shard : shards_)
        for (std::string& name : shard.names()) all.push_back(std::move(name));
    return all;
}

const SafetensorsFile& ShardedSafetensors::shard(std::string_view name) const {
    const auto at = shard_of_.find(name);
    if (at == shard_of_.end()) throw FileError(path_, no_tensor(name, names()));
    return shards_[at->second];
}

std::unique_ptr<WeightFile> open_safetensors(const std::string& path) {
    namespace fs = std::filesystem;
    constexpr const char *kSingle = "model.safetensors", *kIndex = "model.safetensors.index.json";
    std::error_code unknown;  // then the opening below says what is wrong
    if (!fs::is_directory(path, unknown)) {
        if (path.ends_with(".json")) return std::make_unique<ShardedSafetensors>(path);
        return std::make_unique<SafetensorsFile>(path);
    }
    const fs::path folder = path;
    if (fs::exists(folder / kSingle, unknown))
        return std::make_unique<SafetensorsFile>((folder / kSingle).string());
    if (fs::exists(folder / kIndex, unknown))
        return std::make_unique<ShardedSafetensors>((folder / kIndex).string());
    throw FileError(path, fmt::format("the folder has neither {} nor {}", kSingle, kIndex));
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
