// SPDX-License-Identifier: MIT
// A hook for tests: lets any system call that changes a file fail, or end the process, as a full
// disk or a power failure would.
#pragma once

#include <functional>

namespace gradus {

enum class FileCall { open, write, sync, rename, remove };

// Called before every such call of this folder's files, unless empty. Returns 0 to go on, or the
// errno with which the call is to fail; it may also end the process or, unless it is `remove`, throw
// std::bad_alloc. Not thread-safe.
inline std::function<int(FileCall)> file_fault;

}  // namespace gradus
