// SPDX-License-Identifier: MIT
// The possible outcomes of a check.
#pragma once

namespace gradus::lessons {

enum class VerdictKind {
    passed,
    // There is no program to run (build.h).
    missing,
    empty,
    compile,
    contract,  // a function is missing or has the wrong parameters
    includes,  // the file includes one of the course's answers, or the library's own version
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

// The names listed in lessons/verdict.schema.json, in the order of the enum.
constexpr const char* name_of(VerdictKind kind) {
    constexpr const char* names[] = {"passed",     "missing",  "empty",  "compile",
                                     "contract",   "includes", "calls",  "link",
                                     "unfinished", "wrong",    "threw",  "crash",
                                     "late",       "ended",    "memory", "not-called"};
    return names[static_cast<int>(kind)];
}

}  // namespace gradus::lessons
