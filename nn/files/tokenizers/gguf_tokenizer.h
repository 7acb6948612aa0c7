// SPDX-License-Identifier: MIT
// A tokenizer in the metadata of a GGUF file, under "tokenizer.ggml." (gguf-py's constants.py; llama.cpp's
// llama-vocab.cpp has the meaning and the defaults): byte-level BPE, which is called "gpt2" there, and
// SentencePiece, "llama".
#pragma once

#include <optional>
#include <string>

#include "nn/files/weights/gguf_metadata.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// Nothing if the file has none. Throws FileError, naming the key, for one that is damaged or of another
// type. A "gpt2" without "tokenizer.ggml.pre" splits text as GPT-2 does; llama.cpp's
// own rule for such files, "default", is not known here.
std::optional<Tokenizer> read_gguf_tokenizer(const GgufMetadata& metadata, const std::string& path);

// Adds the entries for this tokenizer, and unused tokens up to the model's `rows` (0: none). Where a
// byte-level one has no EOS, the byte 0xFF is written as EOS: llama.cpp would choose a worse one.
// Throws std::invalid_argument, with what to do instead, if llama.cpp has no type for it.
void add_gguf_tokenizer(GgufMetadata& metadata, const Tokenizer& tokenizer, int rows = 0);

}  // namespace gradus
