// SPDX-License-Identifier: MIT
#include "nn/files/datasets/text_pieces.h"

#include "tensor/error.h"

namespace gradus {

TextPieces::TextPieces(const std::string& path, TextFile::Kind kind) : path_(path) {
    if (path.ends_with(".jsonl") || path.ends_with(".jsonl.gz"))
        documents_.emplace(path);
    else
        text_.emplace(path, kind);
}

std::string_view TextPieces::next() {
    if (text_) return text_->next();
    if (documents_->next_text(document_)) return document_ += '\n';
    if (document_.empty()) throw FileError(path_, "there is no document in the file");
    return {};
}

void TextPieces::rewind() {
    if (text_)
        text_->rewind();
    else
        documents_->rewind();
}

}  // namespace gradus
