// SPDX-License-Identifier: MIT
// How a check can end.
#pragma once

namespace gradus::lessons {

enum class VerdictKind {
    passed,
    // There is no program to run (build.h).
    missing,
    empty,
    compile,
    contract,  // a function is missing or has different parameters
    includes,  // the file includes an answer of the course, or the library's own version
    calls,     // the file calls the library's own version
    link,
    // The program ran.
    unfinished,
    wrong,
    threw,
    crash,
    late,
    ended,  // exited in the middle of the check
    memory,
    not_called
};

// As lessons/verdict.schema.json lists them, in the order of the enum.
constexpr const char* name_of(VerdictKind kind) {
    constexpr const char* names[] = {"passed",     "missing",  "empty",  "compile",
                                     "contract",   "includes", "calls",  "link",
                                     "unfinished", "wrong",    "threw",  "crash",
                                     "late",       "ended",    "memory", "not-called"};
    return names[static_cast<int>(kind)];
}

}  // namespace gradus::lessons
