// SPDX-License-Identifier: MIT
// How the files of byte-level BPE (GPT-2's merges.txt and vocab.json, tokenizer.json) write bytes as
// visible characters: the bytes 33 to 126, 161 to 172 and 174 to 255 as the characters with these
// numbers, the 68 others as U+0100, U+0101, ... in order (a space is U+0120).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

std::string written_bytes(std::string_view bytes);
// The bytes of a written token; nothing if a character stands for no byte.
std::optional<std::string> read_written_bytes(std::string_view written);

// The 256 bytes in the order of GPT-2's ids: the visible ones first.
std::vector<unsigned char> gpt2_byte_order();

}  // namespace gradus
