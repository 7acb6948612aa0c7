// SPDX-License-Identifier: MIT
// Runs another program with nothing to read, its output caught, and limits on its time.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradus::lessons {

struct Limits {
    int processor_seconds = 60;  // SIGXCPU when they are over, SIGKILL a second later
    int seconds = 120;           // by the clock: for what sleeps or waits; SIGKILL
};

struct Ended {
    int code = -1;         // exit code; -1: ended by a signal
    int signal = 0;        // 0: ended by itself
    bool late = false;     // one of the limits was reached
    std::string out, err;  // at most 64 KiB each; what comes after is read and dropped
    double seconds = 0;    // by the clock
};

// command[0] is looked up in PATH. `environment` is added to ours. A program that cannot be started
// ends with code 127.
Ended run(const std::vector<std::string>& command, const Limits& limits = {},
          const std::vector<std::pair<std::string, std::string>>& environment = {});

}  // namespace gradus::lessons
