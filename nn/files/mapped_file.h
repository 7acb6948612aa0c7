// SPDX-License-Identifier: MIT
// A file as memory (mmap): the system reads a page of it when the page is first looked at, and may
// forget it again. A model of many gigabytes is open at once, and what is never used is never read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradus {

// Read-only, and safe to read from several threads. A file that is replaced under its name
// meanwhile, as AtomicFile does, stays what it was when it was opened.
class MappedFile {
 public:
    // Throws FileError if the file is missing, not an ordinary file, or cannot be mapped.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }  // bytes, when it was opened

    // `count` bytes from `offset` on; they live as long as the mapping does. Throws FileError if
    // the file is shorter than that by now: to touch a page beyond its end would be the signal
    // SIGBUS. The size is asked for once, here, so whoever shortens a file while these bytes are
    // being read still ends the program.
    std::string_view bytes(std::uint64_t offset, std::uint64_t count) const;

 private:
    std::string path_;
    int file_ = -1;  // file descriptor
    std::uint64_t size_ = 0;
    const char* data_ = nullptr;  // of an empty file: nothing is mapped
};

}  // namespace gradus
