// SPDX-License-Identifier: MIT
// How a tokenizer.json says that a text is changed before it is split: its fields normalizer and
// pre_tokenizer.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "nn/tokenizers/pieces.h"

namespace gradus {

// What the field "normalizer" says, if it is null, a normal form, Lowercase, StripAccents,
// Precompiled, Strip, Replace (of a string, or of several spaces), or a sequence of them; an empty
// function for nothing. Throws FileError, naming the field, for anything else.
using TextFunction = std::function<std::string(std::string_view)>;
TextFunction normaliser_from_json(const nlohmann::json& normalizer, const std::string& path);

// The same for a vocabulary of SentencePiece's kind, where "▁" is written for a space by a Replace
// and a Prepend or by the pre_tokenizer Metaspace, possibly after WhitespaceSplit. `file` is the whole
// file. Throws FileError unless that is how it is done.
PieceText piece_text_from_json(const nlohmann::json& file, const std::string& path);

}  // namespace gradus
