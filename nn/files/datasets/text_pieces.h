// SPDX-License-Identifier: MIT
// The text of a file of documents, in pieces: a text file as it is, or the documents of a .jsonl
// file, one after the other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nn/files/datasets/jsonl.h"
#include "nn/files/datasets/text_file.h"

namespace gradus {

class TextPieces {
 public:
    // A file whose name ends in .jsonl or .jsonl.gz holds documents, the "text" of each line; any
    // other is text. Throws as TextFile does.
    TextPieces(const std::string& path, TextFile::Kind kind);

    // The next piece, in whole characters; valid until the next call; empty at the end. Of documents,
    // a piece is one of them with a line break after it. Throws as TextFile and JsonLines do.
    std::string_view next();
    void rewind();  // back to the beginning
    double done() const { return text_ ? text_->done() : documents_->done(); }  // as TextFile's

 private:
    std::string path_;
    std::optional<TextFile> text_;
    std::optional<JsonLines> documents_;
    std::string document_;
};

}  // namespace gradus
