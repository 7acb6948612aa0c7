// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/safetensors.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

void save_safetensors(const std::string& path, std::vector<NamedTensor> tensors,
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
    // There is only one dtype, so the format's order (by alignment, then by name) is by name.
    std::sort(tensors.begin(), tensors.end(),
              [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& [name, tensor] = tensors[i];
        require(tensor.defined(), "safetensors: tensor {} is undefined", quoted_name(name));
        require(name != "__metadata__", "safetensors: a tensor cannot be called __metadata__");
        require(i == 0 || tensors[i - 1].name != name, "safetensors: two tensors are called {}",
                quoted_name(name));
        const std::uint64_t begin = end;
        end += static_cast<std::uint64_t>(tensor.count()) * sizeof(Real);
        field(text(name, "the name"),
              fmt::format("{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                          sizeof(Real) == 4 ? "F32" : "F64", fmt::join(tensor.shape(), ","), begin,
                          end));
    }
    header += header.empty() ? "{}" : "}";
    header.append((8 - header.size() % 8) % 8, ' ');
    const std::uint64_t header_size = header.size();
    require(header_size <= kMaxSafetensorsHeader,
            "safetensors: a header of {} bytes, at most {} are allowed", header_size,
            kMaxSafetensorsHeader);

    AtomicFile file(path);
    file.write(&header_size, sizeof header_size);
    file.write(header);
    for (const NamedTensor& t : tensors)
        file.write(t.tensor.data(), static_cast<std::size_t>(t.tensor.count()) * sizeof(Real));
    file.commit();
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
