// SPDX-License-Identifier: MIT
// tokenizer.json, the file in which most models carry their tokenizer (Hugging Face's library
// tokenizers): what is done to a text before it is split, how it is split, the model with its
// vocabulary, and the special tokens. Here: byte-level BPE (GPT-2, Llama 3, Qwen2, SmolLM); piece_json.h
// has SentencePiece's models and WordPiece. The parts
// that pad, truncate and put special tokens around a text (post_processor) are left out: whoever
// generates text has bos() and eos().
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// The pattern that makes every character a word.
inline constexpr const char* kAnyCharacter = "[\\s\\S]";

// The tokenizer of a parsed file. Throws FileError, naming the part, for what this library cannot do
// exactly as that one does.
Tokenizer tokenizer_from_file_json(const nlohmann::json& json, const std::string& path);

// The same for model.type BPE with the pre_tokenizer and decoder ByteLevel. Added tokens that are not
// special are cut out of text before it is split. The normalizer may be NFC.
Bpe byte_level_bpe(const nlohmann::json& json, const std::string& path);

// The text of a tokenizer.json with the same ids, for the kinds bpe, bytes (as BPE without merges),
// characters (as words of one character) and sentencepiece by score or merges. Throws
// std::invalid_argument, saying why, for any other.
std::string tokenizer_file_json(const Tokenizer& tokenizer);

}  // namespace gradus
