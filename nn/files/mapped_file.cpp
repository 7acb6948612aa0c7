// SPDX-License-Identifier: MIT
#include "nn/files/mapped_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Touching a page that the file no longer reaches raises SIGBUS, which ends a program. For pages of
// our mappings the handler puts zeros in the page's place, and remembers it (as Wayland does with
// memory that its clients share); any other SIGBUS goes where it went before.
struct Mapping {
    std::atomic<const char*> begin{nullptr};
    std::atomic<std::uint64_t> size{0};
    std::atomic<bool> cut{false};
};
std::array<Mapping, 1024> mappings;
std::mutex places;  // of `mappings`: who takes and gives them back
struct sigaction before {};

void replace_page(int, siginfo_t* info, void*) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto* at = static_cast<const char*>(info->si_addr);
    for (Mapping& mapping : mappings) {
        const char* begin = mapping.begin;
        if (!begin || at < begin || at >= begin + mapping.size) continue;
        mapping.cut = true;
        void* start = info->si_addr;
        start = static_cast<char*>(start) - reinterpret_cast<std::uintptr_t>(start) % page;
        if (::mmap(start, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == start)
            return;
    }
    ::sigaction(SIGBUS, &before, nullptr);  // the fault is repeated on return
}

std::size_t take_place(const char* begin, std::uint64_t size) {
    const std::lock_guard lock(places);
    static const bool installed = [] {
        struct sigaction action {};
        action.sa_sigaction = replace_page;
        action.sa_flags = SA_SIGINFO;
        return ::sigaction(SIGBUS, &action, &before) == 0;
    }();
    static_cast<void>(installed);
    std::size_t place = 0;
    while (place < mappings.size() && mappings[place].begin) ++place;
    if (place == mappings.size()) return place;
    mappings[place].size = size;
    mappings[place].cut = false;
    mappings[place].begin = begin;
    return place;
}

}  // namespace

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
    place_ = take_place(data_, size_);
    if (place_ < mappings.size()) return;
    ::munmap(mapping, size_);
    refuse(fmt::format("{} files are mapped already", mappings.size()));
}

MappedFile::~MappedFile() {
    if (data_) mappings[place_].begin = nullptr;
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
    if (count > 0 && mappings[place_].cut)
        throw FileError(path_, "the file was cut short while it was being read");
    if (now < end) {
        const std::uint64_t cut = std::max(offset, now);
        throw FileError(path_, fmt::format("offset {}: the file has been cut short since it was "
                                           "opened, {} bytes are missing",
                                           cut, end - cut));
    }
    return {data_ + offset, count};
}

}  // namespace gradus
