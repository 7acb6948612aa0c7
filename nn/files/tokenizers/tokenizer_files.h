// SPDX-License-Identifier: MIT
// A tokenizer from whatever file a model came with.
#pragma once

#include <string>

#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// From a file, or the first of these in a folder: run.json (a run of ours), tokenizer.json with what a
// tokenizer_config.json beside it says, tokenizer.model or spiece.model (SentencePiece's), r50k_base,
// p50k_base or cl100k_base.tiktoken, merges.txt or vocab.bpe with the ids of a vocab.json or encoder.json beside it, vocab.txt
// (BERT's). Or from the metadata of a .gguf file. bos() is set if the tokenizer puts it before every text, as
// Llama's does and GPT-2's does not; of a tokenizer.model, which does not say, if it has such a piece. Throws FileError for a folder without any of them, and as
// their readers do.
Tokenizer load_tokenizer(const std::string& path);
// Whether a folder has one of these files.
bool has_tokenizer(const std::string& folder);

}  // namespace gradus
