// SPDX-License-Identifier: MIT
// How often each function that a learner wrote has run, whoever called it: the runner adds a counter
// to each in a copy of their file (lessons/runner/mine.cpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace gradus::lessons {

using CallCount = std::atomic<std::uint64_t>;

inline void count(CallCount& calls) {
    calls.fetch_add(1, std::memory_order_relaxed);
}

struct OwnFile {
    std::string lesson, file, hash;      // "18-heads", "18_heads.h", of its code
    std::vector<std::string> functions;  // and structs, as the runner lists them
    bool keeps = false;  // something from call to call: a `static` that is not constant
    const CallCount* counts = nullptr;  // one for each function
};
std::vector<OwnFile>& own_files();

// const bool added = add_own_file({...});
inline bool add_own_file(const OwnFile& file) {
    own_files().push_back(file);
    return true;
}

}  // namespace gradus::lessons
