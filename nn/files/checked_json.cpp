// SPDX-License-Identifier: MIT
#include "nn/files/checked_json.h"

#include <nlohmann/json.hpp>

#include "nn/files/bounded_json.h"
#include "nn/files/checksum.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr const char* kKey = "checksum";
const std::string kZeros(16, '0');

// Where the checksum's digits begin. Quotes inside a JSON string are escaped, so the word in quotes is
// the key, unless it is a string elsewhere: none of our files has that.
std::size_t digits_at(const std::string& text) {
    const std::size_t key = text.find("\"" + std::string(kKey) + "\"");
    return key == text.npos ? key : text.find('"', key + std::string(kKey).size() + 2);
}

}  // namespace

std::string checked_json(nlohmann::json object, int indent) {
    object[kKey] = kZeros;
    std::string text =
        object.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    text.replace(digits_at(text) + 1, kZeros.size(), checksum_of(text).text());
    return text;
}

nlohmann::json parse_checked_json(const std::string& text, bool& checked) {
    constexpr std::size_t kDeepest = 64;
    require(json_depth(text) <= kDeepest, "more than {} levels of brackets", kDeepest);
    nlohmann::json json = nlohmann::json::parse(text);
    checked = json.is_object() && json.contains(kKey);
    if (!checked) return json;
    const std::string said = json[kKey].is_string() ? json[kKey].get<std::string>() : "";
    std::string blank = text;
    if (const std::size_t at = digits_at(text); at != text.npos && said.size() == kZeros.size())
        blank.replace(at + 1, kZeros.size(), kZeros);
    const std::string found = checksum_of(blank).text();
    require(said == found,
            "\"{}\" is {}, but the contents have {}: the file is damaged, or somebody has edited "
            "it (to keep the edit, write the second value there)",
            kKey, json[kKey].dump().substr(0, 40), found);
    json.erase(kKey);
    return json;
}

nlohmann::json parse_checked_json(const std::string& text) {
    bool checked;
    return parse_checked_json(text, checked);
}

}  // namespace gradus
