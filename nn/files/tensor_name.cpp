// SPDX-License-Identifier: MIT
#include "nn/files/tensor_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nn/text/near_names.h"
#include "nn/text/utf8.h"

namespace gradus {

std::string quoted_name(std::string_view text) {
    std::size_t cut = std::min<std::size_t>(text.size(), 60);
    while (cut < text.size() && cut > 0 && utf8_continues(text[cut])) --cut;
    const auto replace = nlohmann::json::error_handler_t::replace;
    std::string line =
        nlohmann::json(std::string(text.substr(0, cut))).dump(-1, ' ', true, replace);
    return cut < text.size() ? line + "..." : line;
}

std::string shape_text(const std::vector<Index>& shape) {
    std::string text;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i == 8) return "(" + text + ", ...)";
        text += (i ? ", " : "") + std::to_string(static_cast<std::uint64_t>(shape[i]));
    }
    return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

std::string near_text(std::string_view name, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& other : near_names(name, names))
        text += (text.empty() ? "; near names: " : ", ") + quoted_name(other);
    return text;
}

std::string no_tensor(std::string_view name, const std::vector<std::string>& names) {
    return fmt::format("no tensor {} among {}{}", quoted_name(name), names.size(),
                       near_text(name, names));
}

}  // namespace gradus
