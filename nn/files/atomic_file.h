// SPDX-License-Identifier: MIT
// Files that are whole or not there: the new contents go to "<path>.tmp-<pid>" beside the old ones,
// are forced to the disk (fsync), and take the name in one step (POSIX rename). Whatever happens
// before that step, a full disk or a pulled plug included, the old file stays as it was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gradus {

// Writing in pieces. Every failure throws FileError with the path and the reason, and removes the
// temporary file. An existing file keeps its permissions; a symbolic link keeps pointing at the
// file it names. A path that names a device or a pipe (/dev/stdout) is written to directly, nothing
// is renamed. A write beyond the shell's `ulimit -f` throws too, provided that the program ignores
// SIGXFSZ.
//   AtomicFile file("run/model.bin");
//   file.write(data, bytes);  // as often as needed, in large pieces: each is a system call
//   file.commit();            // without it nothing has happened
class AtomicFile {
 public:
    explicit AtomicFile(const std::string& path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    void commit();  // once, as the last call

    const std::string& path() const { return path_; }

 private:
    [[noreturn]] void fail(const char* action, int error);
    void discard() noexcept;

    std::string path_;       // as given: what messages say
    std::string target_;     // path_ with symbolic links followed
    std::string temporary_;  // empty when written to directly
    int file_ = -1;          // file descriptor; -1: closed
};

// The three steps above in one.
void write_file(const std::string& path, std::string_view contents);

// All bytes of a file; an empty file gives an empty string.
// Throws FileError if it is missing, a folder, or cannot be read.
std::string read_file(const std::string& path);

// A file that a person calls text: UTF-8 and not empty; a byte order mark at the beginning is left
// out. Throws FileError as read_file does, and for an empty file, for what looks like another kind
// of file (compressed, UTF-16, binary), and for malformed UTF-8, with offset and line.
std::string read_text_file(const std::string& path);

}  // namespace gradus
