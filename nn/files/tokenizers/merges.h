// SPDX-License-Identifier: MIT
// GPT-2's tokenizer files: merges.txt (also called vocab.bpe), a line "#version: 0.2", then a line
// "left right" for each merge, with tokens as byte_names.h writes them; and vocab.json (also called
// encoder.json), an object of tokens and their ids. GPT-2's own vocab.json says nothing that does not
// follow from merges.txt: the bytes come first, in an order of their own, then what each merge makes.
#pragma once

#include <string>

#include "nn/tokenizers/bpe.h"

namespace gradus {

// With one special token after the merges, "<|endoftext|>": 50,257 tokens for GPT-2's own file.
// Throws FileError, naming the line, for anything else than such a file.
Bpe load_merges(const std::string& path);

// With the ids of a vocab.json. A token of it that is neither a byte nor made by a merge is special.
// Throws FileError for the same faults, and if a byte or what a merge makes has no id.
Bpe load_merges(const std::string& path, const std::string& vocabulary_path);

}  // namespace gradus
