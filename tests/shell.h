// SPDX-License-Identifier: MIT
// Runs a line in a shell, as a person would type it.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace gradus {

struct ShellResult {
    int code = -1;
    std::string output;  // stdout and stderr together
};

inline ShellResult shell(const std::string& line) {
    FILE* pipe = popen((line + " 2>&1 </dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    ShellResult result;
    std::array<char, 4096> buffer;
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.output.append(buffer.data(), n);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
    return result;
}

}  // namespace gradus
