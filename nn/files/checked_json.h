// SPDX-License-Identifier: MIT
// JSON files that hold their own checksum, so that no damage goes unnoticed: not even one digit of
// a number. The checksum is that of the whole text, with zeros in its own place.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace gradus {

// The text of an object, with its checksum under the key "checksum". Bytes that are not UTF-8
// become U+FFFD. indent: as in dump().
std::string checked_json(nlohmann::json object, int indent);

// The parsed text, without the key "checksum". A text that has no checksum, as older versions wrote
// it, is taken as it is. Throws nlohmann::json::exception if the text is not JSON and
// std::invalid_argument if the checksum is wrong.
nlohmann::json parse_checked_json(const std::string& text);
// The same; `checked` tells whether there was a checksum.
nlohmann::json parse_checked_json(const std::string& text, bool& checked);

}  // namespace gradus
