// SPDX-License-Identifier: MIT
// Runs compilers and learners' programs without input; captures their output and limits their time.
#pragma once

#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::lessons {

struct Limits {
    int processor_seconds = 60;
    int seconds = 120;  // of wall-clock time
};

// Keeps only the first 64 KiB of each output stream: an endless loop may print.
inline ProcessResult run(const std::vector<std::string>& command, const Limits& limits = {},
                         const Environment& environment = {}) {
    return run_process(command, {.environment = environment,
                                 .processor_seconds = limits.processor_seconds,
                                 .seconds = static_cast<double>(limits.seconds),
                                 .kept = 64 * 1024});
}

}  // namespace gradus::lessons
