// SPDX-License-Identifier: MIT
// Runs the project's own programs as a person or a script would.
#pragma once

#include <signal.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus {

// run_process() as tests want it: whatever a shell had ignored works as usual, a signal that ends
// the program counts as the code 128 + its number, and a program that does not end in time is an
// error (std::runtime_error) with all it wrote.
inline ProcessResult run_to_end(const std::vector<std::string>& command,
                                ProcessOptions options = {}) {
    ::signal(SIGPIPE, SIG_IGN);  // it may end without reading all of its input
    options.default_signals = true;
    ProcessResult result = run_process(command, options);
    if (result.late)
        throw std::runtime_error(command[0] + " did not end in time; it wrote:\n" + result.out +
                                 result.err);
    if (result.signal != 0) result.code = 128 + result.signal;
    return result;
}

}  // namespace gradus
