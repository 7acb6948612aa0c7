// SPDX-License-Identifier: MIT
// How much memory this process may still take. Linux promises more than there is and kills a
// process that uses what it was promised (proc(5), oom_score; cgroups(7)), so a program that needs
// much asks here first, and says in one line what would not fit.
#pragma once

#include <cstdint>
#include <string>

namespace gradus {

struct MemoryLimit {
    std::uint64_t bytes;  // that may still be taken
    std::string owner;    // whose limit it is: "this machine", "`ulimit -v`"
};

// The lowest of what the machine has free (swap and what it could drop from its caches included),
// of the limits of the process's cgroup (v2 or v1) and all groups around it, each less what it
// already holds, and of `ulimit -v` (RLIMIT_AS). On systems other than Linux, only the last and the
// size of the machine's memory. root: a folder that holds proc/ and sys/, for tests.
MemoryLimit memory_limit(const std::string& root = "/");

// Throws std::invalid_argument if `bytes` are more than that: "WHAT, this machine leaves 24.9 GB
// (HINT)", where `what` says for what they are.
void require_memory(double bytes, const std::string& what, const std::string& hint);

std::string bytes_text(double bytes);  // "31 MB", "1.7 GB", "834 TB"

}  // namespace gradus
