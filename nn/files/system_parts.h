// SPDX-License-Identifier: MIT
// POSIX helpers shared by the files in this folder.
#pragma once

#include <sys/types.h>

#include <string>

namespace gradus {

// The meaning of an errno value, to be put at the end of a message.
std::string system_reason(int error);

// Throws FileError ("cannot <action>: ...") if the path is empty or contains a zero byte.
void require_name(const std::string& path, const char* action);

// open(), retried if a signal interrupts it. Returns a descriptor that no child inherits, or -1.
int open_file(const std::string& path, int flags, mode_t mode = 0);

}  // namespace gradus
