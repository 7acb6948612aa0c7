// SPDX-License-Identifier: MIT
#include "nn/files/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>

#include "nn/files/system_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

bool try_lock(int file, int kind) {
    int code;
    do {
        code = ::flock(file, kind | LOCK_NB);
    } while (code != 0 && errno == EINTR);
    return code == 0 || errno != EWOULDBLOCK;
}

// What the holder has written: "process 4711 on penguin".
std::string holder(int file) {
    std::array<char, 300> text{};
    const ssize_t n = ::pread(file, text.data(), text.size(), 0);
    std::string words(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    words = words.substr(0, words.find('\n'));
    for (char& c : words) c = c < ' ' || c > '~' ? '?' : c;
    return words.empty() ? "another process" : words;
}

}  // namespace

FileLock::FileLock(const std::string& path) : path_(path) {
    require_name(path, "lock");
    for (;;) {
        file_ = open_file(path, O_RDWR | O_CREAT, 0666);
        if (file_ < 0) throw FileError(path, "cannot lock: " + system_reason(errno));
        if (!try_lock(file_, LOCK_EX)) {
            const std::string who = holder(file_);
            ::close(file_);
            throw FileError(path, "locked by " + who +
                                      ", which writes to this folder (wait until it has ended, or "
                                      "choose another folder)");
        }
        // The previous holder may have removed the file after we opened it; the lock is then on a
        // file that nobody else will ever open.
        struct stat ours {
        }, there{};
        if (::fstat(file_, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
            ours.st_ino == there.st_ino)
            break;
        ::close(file_);
    }
    try {  // only words for others: on a full disk, the lock is held without them
        std::array<char, 256> host{};
        ::gethostname(host.data(), host.size() - 1);
        const std::string words = fmt::format("process {} on {}\n", ::getpid(), host.data());
        if (::ftruncate(file_, 0) == 0) write_file_bytes(file_, words.data(), words.size());
    } catch (const std::bad_alloc&) {
    }
}

FileLock::~FileLock() {
    remove_file(path_);  // first, so that nobody locks it between the two calls and then loses it
    ::close(file_);
}

bool FileLock::held(const std::string& path) {
    const int file = open_file(path, O_RDONLY);
    if (file < 0) return false;
    const bool free = try_lock(file, LOCK_SH);
    ::close(file);
    return !free;
}

}  // namespace gradus
