// SPDX-License-Identifier: MIT
// Runs compilers and learners' programs: without input, their output captured, their time limited.
#pragma once

#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::lessons {

struct Limits {
    int processor_seconds = 60;
    int seconds = 120;  // of wall-clock time
};

// Keeps 64 KiB of what the program writes to each stream: an endless loop may print.
inline ProcessResult run(const std::vector<std::string>& command, const Limits& limits = {},
                         const Environment& environment = {}) {
    return run_process(command, {.environment = environment,
                                 .processor_seconds = limits.processor_seconds,
                                 .seconds = static_cast<double>(limits.seconds),
                                 .kept = 64 * 1024});
}

}  // namespace gradus::lessons
