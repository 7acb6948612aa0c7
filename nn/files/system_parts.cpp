// SPDX-License-Identifier: MIT
#include "nn/files/system_parts.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "tensor/error.h"

namespace gradus {

std::string system_reason(int error) {
    std::string text = std::generic_category().message(error);
    if (error == ENOENT) text = "no such file or folder";
    if (error == EISDIR) text = "it is a folder";
    if (error == ENOSPC || error == EDQUOT) text += " (the disk or its quota is full)";
    if (error == EFBIG) text += " (larger than the file system or `ulimit -f` allows)";
    return text;
}

void require_name(const std::string& path, const char* action) {
    if (path.empty()) throw FileError("file", fmt::format("cannot {}: the name is empty", action));
    // The system would take a zero byte for the end of the name: "a\0b" would be the file "a".
    if (path.find('\0') != path.npos)
        throw FileError(path.c_str(), fmt::format("cannot {}: a zero byte in the name", action));
}

int open_file(const std::string& path, int flags, mode_t mode) {
    int file;
    do {
        file = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (file < 0 && errno == EINTR);
    return file;
}

}  // namespace gradus
