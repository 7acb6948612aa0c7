// SPDX-License-Identifier: MIT
// POSIX helpers shared by the files in this folder. Those named ..._file ask the hook of
// file_fault.h first.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace gradus {

// The meaning of an errno value, to be put at the end of a message.
std::string system_reason(int error);

// Throws FileError ("cannot <action>: ...") if the path is empty or contains a zero byte.
void require_name(const std::string& path, const char* action);

// open(), retried if a signal interrupts it. Returns a descriptor that no child inherits, or -1.
int open_file(const std::string& path, int flags, mode_t mode = 0);

// Writes all bytes, however many calls that takes. Returns 0, or the errno of the call that failed.
int write_file_bytes(int file, const void* data, std::size_t bytes);

// fsync(), rename() and unlink().
int sync_file(int file);
int rename_file(const std::string& from, const std::string& to);
int remove_file(const std::string& path);

// The new name of a file is on disk only once its folder is synced. Not every file system can do
// this, and the file is complete anyway, so a failure here is not an error.
void sync_folder_of(const std::string& path) noexcept;

}  // namespace gradus
