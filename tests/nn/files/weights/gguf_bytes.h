// SPDX-License-Identifier: MIT
// GGUF files for tests, put together from bytes, and so independent of the library's writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gradus {

template <class Number>
std::string bytes_of(Number value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}
inline std::string gguf_string(const std::string& text) {
    return bytes_of(std::uint64_t{text.size()}) + text;
}
// An entry of metadata: a key, the number of a type, and the bytes of the value.
inline std::string gguf_entry(const std::string& key, std::uint32_t type,
                              const std::string& value) {
    return gguf_string(key) + bytes_of(type) + value;
}
inline std::string gguf_array(std::uint32_t type, std::uint64_t count, const std::string& values) {
    return bytes_of(type) + bytes_of(count) + values;
}
// ne: the innermost size first, as in the file.
inline std::string gguf_tensor(const std::string& name, const std::vector<std::int64_t>& ne,
                               std::uint32_t type, std::uint64_t offset) {
    std::string bytes = gguf_string(name) + bytes_of(static_cast<std::uint32_t>(ne.size()));
    for (const std::int64_t size : ne) bytes += bytes_of(size);
    return bytes + bytes_of(type) + bytes_of(offset);
}
inline std::string gguf_file(const std::vector<std::string>& tensors,
                             const std::vector<std::string>& entries, const std::string& data = "",
                             std::uint32_t version = 3, std::size_t alignment = 32) {
    std::string bytes = "GGUF" + bytes_of(version) + bytes_of(std::uint64_t{tensors.size()}) +
                        bytes_of(std::uint64_t{entries.size()});
    for (const std::string& entry : entries) bytes += entry;
    for (const std::string& tensor : tensors) bytes += tensor;
    while (bytes.size() % alignment) bytes += '\0';
    return bytes + data;
}

}  // namespace gradus
