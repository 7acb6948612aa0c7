// SPDX-License-Identifier: MIT
// A text file read in pieces, so that a text of any size takes no more memory than one piece. A gzip
// file, recognised by its first bytes, is unpacked on the way; positions in messages are those of its
// contents. What is not text is refused at the first byte that shows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "nn/files/gzip.h"
#include "nn/text/utf8.h"

namespace gradus {

class TextFile {
 public:
    enum class Kind { utf8, bytes };  // bytes: whatever they are

    // Throws FileError if the file is missing or empty or cannot be read, and for all that would
    // never end: devices, pipes, and holes (in a sparse file), which read as zeros.
    TextFile(const std::string& path, Kind kind);
    ~TextFile();
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;

    // The next piece of about a MiB, in whole characters; valid until the next call. Empty at the
    // end, which is where the file ended when it was opened. A byte order mark at the beginning is
    // left out. Throws FileError if the file appears to be of another kind (zip, UTF-16 or -32,
    // binary) or contains malformed UTF-8, whose offset and line are given, and if it is gzip and
    // damaged.
    std::string_view next();
    void rewind();                                      // back to the beginning
    bool packed() const { return packed_ != nullptr; }  // gzip
    // The fraction of the file that has been read, from 0 to 1.
    double done() const { return static_cast<double>(read_) / static_cast<double>(size_); }

 private:
    struct Packed;  // of a gzip file

    void refill();
    std::size_t read(char* to, std::size_t bytes);    // none at the end
    TextPosition position(std::size_t offset) const;  // in the file, of a byte of buffer_
    void check_beginning() const;
    void check_characters();

    std::string path_, buffer_;
    Kind kind_;
    int file_ = -1;  // file descriptor
    std::unique_ptr<Packed> packed_;
    std::uint64_t size_ = 0, read_ = 0;  // of the file as it is, packed or not
    bool ended_ = false;                 // everything is in the buffer
    std::size_t given_ = 0;              // bytes of buffer_ that next() has returned
    std::uint64_t offset_ = 0;           // of the first byte of buffer_
    TextPosition begin_{1, 1};
};

// The whole contents of a text file. Throws as TextFile does, and FileError for a gzip file that
// unpacks to more than `most` bytes.
std::string read_text_file(const std::string& path, std::uint64_t most = kMostUnpackedBytes);

}  // namespace gradus
