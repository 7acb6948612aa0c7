// SPDX-License-Identifier: MIT
// JSON Lines (jsonlines.org): a JSON object per line, in UTF-8; the usual format of large collections
// of documents, each the "text" of an object. The file is read line by line, may be of any size, and
// may be gzip; a line may have kMostJsonLine bytes, and brackets kMostJsonDepth levels deep.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "nn/files/datasets/text_file.h"

namespace gradus {

// The longest documents of the usual collections, whole books, have a few MB. Parsed, a line of
// nothing but empty objects takes 30 times as much.
inline constexpr std::size_t kMostJsonLine = std::size_t{16} << 20;
inline constexpr int kMostJsonDepth = 100;

class JsonLines {
 public:
    // Throws FileError as TextFile does.
    explicit JsonLines(const std::string& path) : path_(path), file_(path, TextFile::Kind::utf8) {}

    // Reads the next line that is not blank; false at the end. Throws FileError, naming the line,
    // unless it is an object within the limits.
    //   for (nlohmann::json object; lines.next(object);) ...
    bool next(nlohmann::json& object);
    // The same for a field that must be a string.
    bool next_text(std::string& text, const std::string& field = "text");

    Index line() const { return number_; }        // of the last object, from 1
    void rewind();                                // back to the beginning
    double done() const { return file_.done(); }  // the fraction of the file that has been read

 private:
    bool read_line();  // into line_
    [[noreturn]] void refuse(const std::string& what) const;

    std::string path_, line_;
    TextFile file_;
    std::string_view piece_;  // of the file, not yet used
    Index number_ = 0;
};

}  // namespace gradus
