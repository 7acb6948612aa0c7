// SPDX-License-Identifier: MIT
// Runs a command line in a shell, as a user would type it.
#pragma once

#include <string>

#include "tests/process.h"

namespace gradus {

struct ShellResult {
    int code = -1;
    std::string output;  // stdout and stderr combined
};

inline ShellResult shell(const std::string& line) {
    ProcessResult result = run_to_end({"/bin/sh", "-c", "exec 2>&1; " + line});
    return {result.code, std::move(result.out)};
}

}  // namespace gradus
