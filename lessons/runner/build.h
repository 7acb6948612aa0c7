// SPDX-License-Identifier: MIT
// From a learner's file to a program that checks it: compile that one file, look at what it calls
// and includes, link it with what the cold build has prepared.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

// Why there is no program.
struct BuildProblem {
    enum class Kind { none, missing, empty, compile, contract, includes, calls, link };
    Kind kind = Kind::none;
    std::string sentence;  // "my-gpt/03_matmul.h, line 12: expected ';' before '}' token"
    std::string line;      // the learner's line it speaks of; empty: none
    std::string rest;      // what the compiler said beyond that
    explicit operator bool() const { return kind != Kind::none; }
};

struct Program {
    std::string path;
    std::vector<std::string> own;       // numbers of earlier lessons that run on the learner's file
    std::vector<std::string> built_in;  // of those that run on the built-in twin
    std::string warning;                // the compiler's first, about the learner's file
};

// The learner's file of a lesson, compiled and linked with their other files that passed.
BuildProblem build_program(const Course& course, const Lesson& lesson, Program& program);

// What a compiler's messages say, in the learner's terms: the first error that is in `file`, or the
// first one at all. For tests apart from a compiler.
BuildProblem explain_compiler(const std::string& messages, const Course& course,
                              const Lesson& lesson);

// The names that the learner's object must not call or contain, of the demangled symbols of nm:
// the first offender as "softmax_forward", or "".
std::string forbidden_symbol(const std::string& symbols, const Lesson& lesson);

// "my-gpt/03_matmul.h": the path a learner would type.
std::string shown(const Course& course, const std::string& path);

}  // namespace gradus::lessons
