// SPDX-License-Identifier: MIT
// SentencePiece's own files, "tokenizer.model" or "spiece.model": a protocol buffer (the message
// ModelProto of its src/sentencepiece_model.proto; the encoding of fields as in the Protocol Buffers
// documentation, "Encoding"). Read are the pieces, and what says how a text is split and normalised;
// models of single words or characters are refused, and so is what changes texts in other ways.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "nn/tokenizers/pieces.h"

namespace gradus {

struct SentencePieceFile {
    std::shared_ptr<const PieceModel> model;  // a SentencePiece or a Unigram
    std::optional<int> bos, eos;
};

// Throws FileError, with the offset, for anything else than such a file of at most 256 MiB.
SentencePieceFile load_sentencepiece(const std::string& path);

}  // namespace gradus
