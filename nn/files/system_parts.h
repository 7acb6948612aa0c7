// SPDX-License-Identifier: MIT
// What the files of this folder share in talking to POSIX.
#pragma once

#include <sys/types.h>

#include <string>

namespace gradus {

// What an errno means, in the words that messages end with.
std::string system_reason(int error);

// Throws FileError, "cannot <action>: ...", for a name that the system would not read to its end.
void require_name(const std::string& path, const char* action);

// open(), again if a signal came first; a descriptor that no child inherits, or -1.
int open_file(const std::string& path, int flags, mode_t mode = 0);

}  // namespace gradus
