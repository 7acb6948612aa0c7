// SPDX-License-Identifier: MIT
// One writer at a time: an exclusive lock, held through a small file that names its holder. The
// system releases it when the process ends, however it ends (BSD flock(), which Linux also passes
// on to NFS servers).
#pragma once

#include <string>

namespace gradus {

class FileLock {
 public:
    // Creates the file if need be. Throws FileError, with the holder's process id and host, if the
    // lock is held, and if the file cannot be opened. On a file system without locks, none is taken.
    explicit FileLock(const std::string& path);
    ~FileLock();  // removes the file
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // Whether anybody holds the lock right now, this process included.
    static bool held(const std::string& path);

 private:
    std::string path_;
    int file_ = -1;  // file descriptor
};

}  // namespace gradus
