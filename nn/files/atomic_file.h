// SPDX-License-Identifier: MIT
// Atomic writing: the new contents are written to "<path>.tmp-<pid>" next to the old file, flushed
// to disk (fsync), and put in place of the old file in one step (POSIX rename). Whatever happens
// before the rename, even a full disk or a power failure, the old file stays as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "nn/files/checksum.h"

namespace gradus {

// Writes a file in pieces. Every failure throws FileError with the path and the reason, and removes
// the temporary file. An existing file keeps its permissions; if the path is a symbolic link, the
// file it points to is replaced, or made if there is none. A device or a pipe (/dev/stdout) is
// written to directly, and nothing is renamed. A write that exceeds the shell's `ulimit -f` throws
// too, provided that the program ignores SIGXFSZ.
//   AtomicFile file("run/model.bin");
//   file.write(data, bytes);  // as often as needed; each call is a system call: use large pieces
//   file.commit();            // until then the old file is untouched
class AtomicFile {
 public:
    explicit AtomicFile(const std::string& path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    // Before the first write: how large the file will be. Then Progress hears how much of it is on disk.
    void expect(std::uint64_t bytes) { expected_ = bytes; }
    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    void commit();  // once, as the last call

    const std::string& path() const { return path_; }
    const Checksum& checksum() const { return checksum_; }  // of everything written so far

 private:
    [[noreturn]] void fail(const char* action, int error);
    void discard() noexcept;

    std::string path_;       // as given, for messages
    std::string target_;     // path_ with symbolic links resolved
    std::string temporary_;  // empty if target_ is written to directly
    int file_ = -1;          // file descriptor; -1: closed
    std::uint64_t expected_ = 0;
    Checksum checksum_;
};

// Opens, writes and commits in one call.
void write_file(const std::string& path, std::string_view contents);

// Puts `from` in the place of `to` in one step; both are in the same folder. The permissions of an
// existing `to` are kept. Throws FileError on failure.
void replace_file(const std::string& from, const std::string& to);

// Removes the temporary files of AtomicFile(path) whose processes no longer run on this machine.
void remove_dead_temporaries(const std::string& path);

// All bytes of a file; an empty file gives an empty string.
// Throws FileError if it is missing, is a folder, or cannot be read.
std::string read_file(const std::string& path);

}  // namespace gradus
