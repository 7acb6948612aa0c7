// SPDX-License-Identifier: MIT
// JSON files of unknown origin as a tree. A tree can take a hundred times the memory of its text, so
// its size and depth are counted before it is built.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gradus {

// At most 256 MiB, 4,194,304 values and keys, and 64 levels: Gemma's tokenizer.json, the largest
// known, has 33 MB, 2 million and 6. Throws FileError, giving the offset, for more, and for what is
// not JSON.
nlohmann::json read_bounded_json(const std::string& path);
// The same for a text at hand; `path` is for the message.
nlohmann::json parse_bounded_json(std::string_view text, const std::string& path);

// How many brackets, outside strings, are open at once, at most. What follows a parsed text, its dump()
// and its destructor among them, may go as deep as that.
std::size_t json_depth(std::string_view text);

}  // namespace gradus
