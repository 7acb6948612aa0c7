// SPDX-License-Identifier: MIT
// Pages in a real browser: tests/pages/check.mjs lists the checks.
#pragma once

#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <string>
#include <vector>

#include "tests/process.h"
#include "tests/text.h"

namespace gradus {

inline ProcessResult check_pages(const std::vector<std::string>& words) {
    std::vector<std::string> command = {"/usr/bin/env", "node",
                                        GRADUS_SOURCE_DIR "/tests/pages/check.mjs"};
    command.insert(command.end(), words.begin(), words.end());
    return run_to_end(command, {.seconds = 300});
}

// Whether pages can be opened; if not, says what is missing.
inline bool can_open_pages() {
    const ProcessResult result = check_pages({"--missing"});
    const std::string what =
        result.code == 127 ? "node" : result.out.substr(0, result.out.find('\n'));
    if (!what.empty()) MESSAGE("SKIPPED: pages not opened, missing: " << what);
    return what.empty();
}

// Two ways of opening, ten checks each, and the size.
constexpr std::size_t kChecksOfAPage = 21;

constexpr std::size_t kChecksOfABook = 12;  // opened in one way

inline void check_good(const std::vector<std::string>& pages, std::size_t checks = kChecksOfAPage) {
    const ProcessResult result = check_pages(pages);
    CAPTURE(result.out);
    CAPTURE(result.err);
    CHECK(result.code == 0);
    for (const auto& line : lines_of(result.out))
        if (!contains(line, ": ok")) CHECK(line == "");
    CHECK(count_of(result.out, ": ok\n") >= checks * pages.size());
}

}  // namespace gradus
