// SPDX-License-Identifier: MIT
// GPT-2's tokenizer file, merges.txt (also called vocab.bpe): a line "#version: 0.2", then a line
// "left right" for each merge. Tokens are written as visible characters: the bytes 33 to 126, 161 to
// 172 and 174 to 255 as the characters with these numbers, the 68 others as U+0100, U+0101, ... in
// order (a space is U+0120). The ids of the bytes are in that same order, so that vocab.json follows
// from this file.
#pragma once

#include <string>

#include "nn/text/bpe.h"

namespace gradus {

// With one special token after the merges, "<|endoftext|>": 50,257 tokens for GPT-2's own file.
// Throws FileError, naming the line, for anything else than such a file.
Bpe load_merges(const std::string& path);

}  // namespace gradus
