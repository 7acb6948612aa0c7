// SPDX-License-Identifier: MIT
// A file mapped into memory (mmap): the operating system reads each page when it is first touched,
// and may evict it later. A model of many gigabytes opens instantly, and what is never used is
// never read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradus {

// Read-only, and safe to read from several threads. If the file is replaced as a whole while
// it is mapped (see AtomicFile), the mapping keeps the old contents.
class MappedFile {
 public:
    // Throws FileError if the file is missing, is not a regular file, or cannot be mapped.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }  // in bytes, at the time of opening

    // `count` bytes starting at `offset`, valid as long as the mapping exists. Throws
    // std::invalid_argument if they go beyond size(), and FileError if the file has become too short
    // for them. If it is cut short while they are being read, what is
    // missing reads as zeros, and the next call throws: whoever asks again after reading knows that
    // the bytes were the file's.
    std::string_view bytes(std::uint64_t offset, std::uint64_t count) const;

 private:
    std::string path_;
    int file_ = -1;  // file descriptor
    std::uint64_t size_ = 0;
    const char* data_ = nullptr;  // null for an empty file: nothing is mapped
    std::size_t place_ = 0;       // among the mappings that the signal handler knows
};

}  // namespace gradus
