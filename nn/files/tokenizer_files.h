// SPDX-License-Identifier: MIT
// A tokenizer from whatever file a model came with.
#pragma once

#include <string>

#include "nn/text/tokenizer.h"

namespace gradus {

// From a file, or the first of these in a folder: run.json (a run of ours), tokenizer.json with the
// bos_token and eos_token of a tokenizer_config.json beside it, a .tiktoken file, merges.txt or
// vocab.bpe with the ids of a vocab.json or encoder.json beside it. Throws FileError for a folder
// without any of them, and as their readers do.
Tokenizer load_tokenizer(const std::string& path);

}  // namespace gradus
