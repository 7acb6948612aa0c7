// SPDX-License-Identifier: MIT
// Builds a charsmap (nn/tokenizers/charsmap.h) for tests: the simplest double array, where each node has 256
// units of its own. Node n has its children at 256 * (n + 1) + byte, and its leaf at 256 * (n + 1).
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace gradus {

inline std::uint32_t charsmap_unit(std::uint32_t at, std::uint32_t base, unsigned char label) {
    return (at ^ base) << 10 | label;
}
inline void set_unit(std::string& blob, std::uint32_t at, std::uint32_t unit) {
    std::memcpy(blob.data() + 4 + 4 * std::size_t{at}, &unit, 4);
}

inline std::string charsmap_blob(const std::map<std::string, std::string>& rules) {
    std::vector<std::uint32_t> units = {charsmap_unit(0, 256, 0)};
    units.resize(512);
    std::map<std::string, std::uint32_t> nodes = {{"", 0}};  // the unit of each prefix
    std::string texts;
    for (const auto& [from, to] : rules) {
        for (std::size_t i = 1; i <= from.size(); ++i) {
            const std::string prefix = from.substr(0, i);
            if (nodes.count(prefix)) continue;
            const std::uint32_t before = nodes[prefix.substr(0, i - 1)];
            const auto label = static_cast<unsigned char>(from[i - 1]);
            const std::uint32_t at = (before ^ units[before] >> 10) + label;
            const auto base = static_cast<std::uint32_t>(units.size());
            units.resize(units.size() + 256);
            units[at] = charsmap_unit(at, base, label);
            nodes[prefix] = at;
        }
        const std::uint32_t at = nodes[from];
        units[at ^ units[at] >> 10] = 1U << 31 | static_cast<std::uint32_t>(texts.size());
        units[at] |= 1U << 8;
        texts += to + '\0';
    }
    const auto size = static_cast<std::uint32_t>(4 * units.size());
    std::string blob(4 + size, '\0');
    std::memcpy(blob.data(), &size, 4);
    std::memcpy(blob.data() + 4, units.data(), size);
    return blob + texts;
}

}  // namespace gradus
