// SPDX-License-Identifier: MIT
// Three of the types of tokenizer.json, the file of Hugging Face's tokenizers: SentencePiece's BPE
// (model.type "BPE" without bytes in disguise, as Llama 2 has it), "Unigram" and "WordPiece". Read is
// what fixes the ids of a text: normalizer, pre_tokenizer, model and added_tokens; what is not
// supported is refused. Left out: post_processor, which adds special tokens, and the fields lstrip,
// rstrip, single_word and normalized of added tokens.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/unigram.h"
#include "nn/tokenizers/wordpiece.h"

namespace gradus {

// `json` is the whole file. Special added tokens become control pieces, the other ones are found in
// the text before anything else is. Throws FileError, naming the field, for whatever is unsound or not
// supported. They differ from Hugging Face's library where that differs from SentencePiece:
// rules of "Precompiled" apply to the longest string, not to the shortest one of a grapheme.
SentencePiece sentencepiece_from_json(const nlohmann::json& json, const std::string& path);
Unigram unigram_from_json(const nlohmann::json& json, const std::string& path);
WordPiece wordpiece_from_json(const nlohmann::json& json, const std::string& path);

}  // namespace gradus
