// SPDX-License-Identifier: MIT
#include "nn/files/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {

AppendFile::AppendFile(const std::string& path)
    : path_(path), file_(open_file(path, O_WRONLY | O_APPEND)) {
    if (file_ < 0) throw FileError(path, "cannot write: " + system_reason(errno));
}

AppendFile::~AppendFile() {
    ::close(file_);
}

void AppendFile::write(std::string_view text) {
    if (const int error = write_file_bytes(file_, text.data(), text.size()))
        throw FileError(path_, "cannot write: " + system_reason(error));
}

void AppendFile::sync() {
    if (sync_file(file_) != 0) throw FileError(path_, "cannot write: " + system_reason(errno));
}

}  // namespace gradus
