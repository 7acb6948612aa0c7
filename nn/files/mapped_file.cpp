// SPDX-License-Identifier: MIT
#include "nn/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {

MappedFile::MappedFile(const std::string& path) : path_(path) {
    require_name(path, "read");
    const auto refuse = [&](const std::string& reason) {
        if (file_ >= 0) ::close(file_);
        throw FileError(path, "cannot read: " + reason);
    };
    file_ = open_file(path, O_RDONLY | O_NONBLOCK);  // otherwise a pipe without a writer blocks
    if (file_ < 0) refuse(system_reason(errno));
    struct stat status {};
    if (::fstat(file_, &status) != 0) refuse(system_reason(errno));
    if (S_ISDIR(status.st_mode)) refuse(system_reason(EISDIR));
    if (!S_ISREG(status.st_mode)) refuse("it is not a regular file");
    size_ = static_cast<std::uint64_t>(status.st_size);
    if (size_ == 0) return;  // mmap rejects a length of 0
    void* mapping = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_, 0);
    if (mapping == MAP_FAILED) refuse(system_reason(errno));
    data_ = static_cast<const char*>(mapping);
}

MappedFile::~MappedFile() {
    if (data_) ::munmap(const_cast<char*>(data_), size_);
    ::close(file_);
}

std::string_view MappedFile::bytes(std::uint64_t offset, std::uint64_t count) const {
    require(offset <= size_ && count <= size_ - offset,
            "mapped file: {} bytes at offset {} of {}, which has {}", count, offset, path_, size_);
    struct stat status {};
    if (::fstat(file_, &status) != 0)
        throw FileError(path_, "cannot read: " + system_reason(errno));
    const std::uint64_t now = static_cast<std::uint64_t>(status.st_size), end = offset + count;
    if (now < end) {
        const std::uint64_t cut = std::max(offset, now);
        throw FileError(path_, fmt::format("offset {}: the file has been cut short since it was "
                                           "opened, {} bytes are missing",
                                           cut, end - cut));
    }
    return {data_ + offset, count};
}

}  // namespace gradus
