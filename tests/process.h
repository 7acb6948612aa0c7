// SPDX-License-Identifier: MIT
// Runs the project's own programs as a user or a script would.
#pragma once

#include <signal.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus {

// run_process() for tests: ignored signals have their default action restored, a signal that ends
// the program becomes exit code 128 + its number, and a timeout throws std::runtime_error with the
// program's output.
inline ProcessResult run_to_end(const std::vector<std::string>& command,
                                ProcessOptions options = {}) {
    ::signal(SIGPIPE, SIG_IGN);  // the program may end before it has read all its input
    options.default_signals = true;
    ProcessResult result = run_process(command, options);
    if (result.late)
        throw std::runtime_error(command[0] + " timed out; its output:\n" + result.out +
                                 result.err);
    if (result.signal != 0) result.code = 128 + result.signal;
    return result;
}

}  // namespace gradus
