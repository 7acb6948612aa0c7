// SPDX-License-Identifier: MIT
// The tokenizer of a run, as run.json keeps it: in the library's own form (Tokenizer::to_json) if it has
// one; otherwise a published tokenizer's whole tokenizer.json, or SentencePiece's pieces.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// Throws std::invalid_argument for a tokenizer that has no such form, saying so.
nlohmann::json vocabulary_json(const Tokenizer& tokenizer);
// Throws std::invalid_argument or, for what a tokenizer.json may say and is not known here, FileError;
// `path` is for the message.
Tokenizer vocabulary_from_json(const nlohmann::json& json, const std::string& path);

}  // namespace gradus
