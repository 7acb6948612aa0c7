// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <string>

namespace gradus::lessons {

// A line shown on the terminal while something runs, then erased.
class Waiting {
 public:
    explicit Waiting(const std::string& words) : live_(::isatty(STDERR_FILENO) == 1) {
        if (live_) fmt::print(stderr, "{}", words);
    }
    ~Waiting() {
        if (live_) fmt::print(stderr, "\r\x1b[K");
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

 private:
    bool live_;
};

}  // namespace gradus::lessons
