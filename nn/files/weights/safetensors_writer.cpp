// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "nn/files/atomic_file.h"
#include "nn/files/tensor_name.h"
#include "nn/files/weights/safetensors.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace {

// What the file holds of one tensor.
struct Entry {
    std::string name;
    const char* dtype;
    Shape shape;
    const void* data;
    std::size_t bytes;
    int alignment;
};

Entry entry_of(const std::string& name, const Tensor& t) {
    require(t.defined(), "safetensors: tensor {} is undefined", quoted_name(name));
    return {name,
            sizeof(Real) == 4 ? "F32" : "F64",
            t.shape(),
            t.data(),
            static_cast<std::size_t>(t.count()) * sizeof(Real),
            sizeof(Real)};
}

Entry entry_of(const std::string& name, const StoredWeight& w) {
    require(w.data != nullptr, "safetensors: tensor {} has not been loaded", quoted_name(name));
    const Index row = row_bytes(w.format, w.columns);
    const auto bytes = static_cast<std::size_t>(w.rows * row);
    switch (w.format) {
        case WeightFormat::f32:
            return {name, "F32", w.shape(), w.data(), bytes, 4};
        case WeightFormat::f16:
            return {name, "F16", w.shape(), w.data(), bytes, 2};
        case WeightFormat::bf16:
            return {name, "BF16", w.shape(), w.data(), bytes, 2};
        case WeightFormat::int8:
            break;
        case WeightFormat::q8_0:
        case WeightFormat::q4_0:
            throw std::invalid_argument(
                fmt::format("safetensors: tensor {} is in {}, for which the format has no dtype; "
                            "save_gguf() keeps it",
                            quoted_name(name), to_string(w.format)));
    }
    return {name, "I8", {w.rows, row}, w.data(), bytes, 1};
}

std::vector<Entry> entries_of(const std::vector<NamedTensor>& tensors) {
    std::vector<Entry> entries;
    for (const NamedTensor& t : tensors) {
        if (t.tensor.defined() || !t.stored.defined()) {
            entries.push_back(entry_of(t.name, t.tensor));
            continue;
        }
        entries.push_back(entry_of(t.name, t.stored));
        if (t.stored.scale.defined())
            entries.push_back(entry_of(t.name + ".scale", t.stored.scale));
    }
    // The format's order: by alignment, the largest first, then by name.
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::tie(b.alignment, a.name) < std::tie(a.alignment, b.name);
    });
    return entries;
}

}  // namespace

Checksum save_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                          const Metadata& metadata) {
    const auto text = [](const std::string& s, const char* what) {
        require(utf8_valid_prefix(s) == s.size(), "safetensors: {} {} is not UTF-8", what,
                quoted_name(s));
        return nlohmann::json(s).dump();  // quoted and escaped as JSON requires
    };
    std::string header;
    const auto field = [&](const std::string& key, const std::string& value) {
        header += (header.empty() ? "{" : ",") + key + ":" + value;
    };
    if (!metadata.empty()) {
        std::string object;
        for (const auto& [key, value] : metadata)
            object += (object.empty() ? "{" : ",") + text(key, "metadata key") + ":" +
                      text(value, "metadata value");
        field("\"__metadata__\"", object + "}");
    }
    const std::vector<Entry> entries = entries_of(tensors);
    std::set<std::string> names;
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        require(entry.name != "__metadata__",
                "safetensors: a tensor cannot be called __metadata__");
        require(names.insert(entry.name).second, "safetensors: two tensors are called {}",
                quoted_name(entry.name));
        const std::uint64_t begin = end;
        end += entry.bytes;
        field(text(entry.name, "the name"),
              fmt::format("{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                          entry.dtype, fmt::join(entry.shape, ","), begin, end));
    }
    header += header.empty() ? "{}" : "}";
    header.append((8 - header.size() % 8) % 8, ' ');
    const std::uint64_t header_size = header.size();
    require(header_size <= kMaxSafetensorsHeader,
            "safetensors: a header of {} bytes, at most {} are allowed", header_size,
            kMaxSafetensorsHeader);

    AtomicFile file(path);
    file.expect(sizeof header_size + header_size + end);
    file.write(&header_size, sizeof header_size);
    file.write(header);
    for (const Entry& entry : entries) file.write(entry.data, entry.bytes);
    for (const NamedTensor& t : tensors)
        if (!t.tensor.defined()) t.stored.data();  // throws if its bytes have gone meanwhile
    file.commit();
    return file.checksum();
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
