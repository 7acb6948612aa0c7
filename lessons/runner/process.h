// SPDX-License-Identifier: MIT
// Runs compilers and learners' programs with nothing to read, their output caught, and limits on
// their time.
#pragma once

#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::lessons {

struct Limits {
    int processor_seconds = 60;
    int seconds = 120;  // by the clock
};

// Of what it writes, 64 KiB to each stream are kept: a loop without end may print.
inline ProcessResult run(const std::vector<std::string>& command, const Limits& limits = {},
                         const Environment& environment = {}) {
    return run_process(command, {.environment = environment,
                                 .processor_seconds = limits.processor_seconds,
                                 .seconds = static_cast<double>(limits.seconds),
                                 .kept = 64 * 1024});
}

}  // namespace gradus::lessons
