// SPDX-License-Identifier: MIT
// A file that grows at its end, such as a log: what was appended can be read at once by others.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

class AppendFile {
 public:
    // The file must exist. Throws FileError if it cannot be opened.
    explicit AppendFile(const std::string& path);
    ~AppendFile();
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;

    // Throws FileError on failure; part of the text may then have been written.
    void write(std::string_view text);
    // Puts all that was written on disk. Throws FileError on failure.
    void sync();

 private:
    std::string path_;
    int file_;  // file descriptor
};

}  // namespace gradus
