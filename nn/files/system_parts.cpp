// SPDX-License-Identifier: MIT
#include "nn/files/system_parts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "nn/files/file_fault.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Whether the call is to fail; errno then says how.
bool fault(FileCall call) {
    const int error = file_fault ? file_fault(call) : 0;
    if (error != 0) errno = error;
    return error != 0;
}

}  // namespace

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
    if (fault(FileCall::open)) return -1;
    int file;
    do {
        file = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (file < 0 && errno == EINTR);
    return file;
}

int write_file_bytes(int file, const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        if (fault(FileCall::write)) return errno;
        const ssize_t written = ::write(file, next, std::min(bytes, std::size_t{1} << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        if (written == 0) return ENOSPC;
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
    return 0;
}

int sync_file(int file) {
    return fault(FileCall::sync) ? -1 : ::fsync(file);
}

int rename_file(const std::string& from, const std::string& to) {
    return fault(FileCall::rename) ? -1 : std::rename(from.c_str(), to.c_str());
}

int remove_file(const std::string& path) {
    return fault(FileCall::remove) ? -1 : ::unlink(path.c_str());
}

void sync_folder_of(const std::string& path) noexcept {
    try {
        const std::size_t slash = path.rfind('/');
        const int folder =
            open_file(slash == path.npos ? "." : path.substr(0, slash + 1), O_RDONLY);
        if (folder < 0) return;
        sync_file(folder);
        ::close(folder);
    } catch (...) {  // not enough memory for the name
    }
}

}  // namespace gradus
