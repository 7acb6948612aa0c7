// SPDX-License-Identifier: MIT
// Runs the project's own programs as a person or a script would.
#pragma once

#include <signal.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus {

// run_process() for tests: ignored signals get their default action back, a signal that ends the
// program becomes exit code 128 + its number, and a program that does not end in time is an error
// (std::runtime_error) holding its output.
inline ProcessResult run_to_end(const std::vector<std::string>& command,
                                ProcessOptions options = {}) {
    ::signal(SIGPIPE, SIG_IGN);  // the program may end before it has read all its input
    options.default_signals = true;
    ProcessResult result = run_process(command, options);
    if (result.late)
        throw std::runtime_error(command[0] + " did not end in time; it wrote:\n" + result.out +
                                 result.err);
    if (result.signal != 0) result.code = 128 + result.signal;
    return result;
}

}  // namespace gradus
