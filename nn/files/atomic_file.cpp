// SPDX-License-Identifier: MIT
#include "nn/files/atomic_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "nn/files/system_parts.h"
#include "nn/progress.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr const char* kTemporary = ".tmp-";  // and the pid

// The path with symbolic links resolved, also those to a file that does not exist yet.
std::string target_of(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real) return real.get();
    constexpr int kMostLinks = 40;  // as many as Linux follows
    std::filesystem::path target = path;
    std::error_code none;
    for (int link = 0; link < kMostLinks; ++link) {
        const std::filesystem::path next = std::filesystem::read_symlink(target, none);
        if (none) break;
        target = target.parent_path() / next;
    }
    return target.string();
}

// The process in the name of a temporary file, after kTemporary: "1234" or "1234-2"; 0 if it is
// not one of ours.
pid_t process_of(std::string_view name) {
    pid_t pid = 0;
    const char* const end = name.data() + name.size();
    const auto [after, error] = std::from_chars(name.data(), end, pid);
    const std::string_view rest(after, static_cast<std::size_t>(end - after));
    const bool numbered =
        rest.size() > 1 && rest[0] == '-' && rest.find_first_not_of("0123456789", 1) == rest.npos;
    return error == std::errc() && pid > 0 && (rest.empty() || numbered) ? pid : 0;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
    require_name(path, "write");
    struct stat old {};
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) fail("write", EISDIR);
    if (exists && !S_ISREG(old.st_mode)) {
        file_ = open_file(path, O_WRONLY);
        if (file_ < 0) fail("write", errno);
        return;
    }
    if (!exists && errno == ELOOP) fail("write", ELOOP);  // a link to itself
    target_ = target_of(path);
    // The name is taken if another thread is writing the same file, or if a process with the
    // same pid died doing so: then "-2", "-3", ...
    const std::string base = target_ + kTemporary + std::to_string(::getpid());
    for (int attempt = 1; file_ < 0; ++attempt) {
        temporary_ = attempt == 1 ? base : base + "-" + std::to_string(attempt);
        file_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (file_ < 0 && (errno != EEXIST || attempt == 100)) {
            const int error = errno;
            temporary_.clear();  // not ours to remove
            fail("write", error);
        }
    }
    if (exists && ::fchmod(file_, old.st_mode & 07777) != 0) fail("set the permissions", errno);
}

AtomicFile::~AtomicFile() {
    discard();
}

void AtomicFile::discard() noexcept {
    if (file_ >= 0) ::close(file_);
    if (!temporary_.empty()) remove_file(temporary_);
    file_ = -1;
    temporary_.clear();
}

void AtomicFile::fail(const char* action, int error) {
    discard();
    throw FileError(path_, fmt::format("cannot {}: {}", action, system_reason(error)));
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    require(file_ >= 0, "atomic file: write() to {} after commit() or an error", path_);
    // Each part is flushed: else all of it would be at the end, when Progress has nothing more to say.
    constexpr std::size_t kPart = 64 << 20;
    const char* next = static_cast<const char*>(data);
    for (std::size_t left = bytes; left > 0;) {
        const std::size_t size = std::min(left, kPart - checksum_.bytes % kPart);
        if (const int error = write_file_bytes(file_, next, size)) fail("write", error);
        checksum_.add(next, size);
        next += size, left -= size;
        if (expected_ == 0) continue;
        if (checksum_.bytes % kPart == 0 && sync_file(file_) != 0 && !temporary_.empty())
            fail("write", errno);
        Progress::report(static_cast<double>(checksum_.bytes) / static_cast<double>(expected_));
    }
}

void AtomicFile::commit() {
    require(file_ >= 0, "atomic file: commit() of {} twice or after an error", path_);
    const bool direct = temporary_.empty();
    // Some devices and pipes cannot be synced and return EINVAL or ENOTSUP; a regular file must be.
    if (sync_file(file_) != 0 && !direct) fail("write", errno);
    const int closed = ::close(file_);
    file_ = -1;
    if (closed != 0 && errno != EINTR) fail("write", errno);
    if (direct) return;
    if (rename_file(temporary_, target_) != 0) fail("rename the new file", errno);
    temporary_.clear();
    sync_folder_of(target_);
}

void replace_file(const std::string& from, const std::string& to) {
    struct stat old {};
    if (::stat(to.c_str(), &old) == 0) ::chmod(from.c_str(), old.st_mode & 07777);
    if (rename_file(from, to) != 0)
        throw FileError(from, fmt::format("cannot rename to {}: {}", to, system_reason(errno)));
    sync_folder_of(to);
}

void remove_dead_temporaries(const std::string& path) {
    const std::string target = target_of(path);
    const std::size_t slash = target.rfind('/');
    const std::string folder = slash == target.npos ? "." : target.substr(0, slash + 1),
                      begin = target.substr(slash + 1) + kTemporary;
    // Not std::filesystem's iterator: where memory runs out, it ends the program (libstdc++ 12).
    const std::unique_ptr<DIR, void (*)(DIR*)> entries(::opendir(folder.c_str()), [](DIR* list) {
        if (list) ::closedir(list);
    });
    while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
        const std::string name = entry->d_name;
        if (name.rfind(begin, 0) != 0) continue;
        const pid_t pid = process_of(std::string_view(name).substr(begin.size()));
        if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH)
            remove_file((std::filesystem::path(folder) / name).string());
    }
}

void write_file(const std::string& path, std::string_view contents) {
    AtomicFile file(path);
    file.write(contents);
    file.commit();
}

std::string read_file(const std::string& path) {
    require_name(path, "read");
    const auto check = [&](bool ok) {
        if (!ok) throw FileError(path, "cannot read: " + system_reason(errno));
    };
    const int file = open_file(path, O_RDONLY);
    check(file >= 0);
    const std::unique_ptr<const int, void (*)(const int*)> closer(
        &file, [](const int* f) { ::close(*f); });

    // The size is only a hint: files in /proc report 0, pipes have none, and a log may grow.
    struct stat status {};
    check(::fstat(file, &status) == 0);
    std::string contents;
    std::size_t used = 0;
    const auto expected = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    try {
        for (;;) {
            if (used == contents.size())
                contents.resize(std::max({expected + 1, 2 * used, std::size_t{4096}}));
            const ssize_t n = ::read(file, contents.data() + used, contents.size() - used);
            if (n < 0 && errno == EINTR) continue;
            check(n >= 0);
            if (n == 0) break;
            used += static_cast<std::size_t>(n);
        }
    } catch (const std::bad_alloc&) {
        throw FileError(path, fmt::format("cannot read: not enough memory for {} bytes", expected));
    } catch (const std::length_error&) {
        throw FileError(path, fmt::format("cannot read: {} bytes are too many", expected));
    }
    contents.resize(used);
    return contents;
}

}  // namespace gradus
