// SPDX-License-Identifier: MIT
// Puts the messages of the compiler, the linker and nm into a learner's terms.
#pragma once

#include <string>

#include "lessons/runner/course.h"
#include "lessons/runner/verdict_kind.h"

namespace gradus::lessons {

// The reason why the program could not be built.
struct BuildProblem {
    VerdictKind kind = VerdictKind::passed;  // passed: the program was built
    std::string sentence;  // "my-gpt/03_matmul.h, line 12: expected ';' before '}' token"
    std::string line;      // the offending line of the learner's file; empty: none
    std::string rest;      // the compiler's or linker's messages in full
    explicit operator bool() const { return kind != VerdictKind::passed; }
};

// The first error in the learner's file; if there is none, usually a missing function.
BuildProblem explain_compiler(const std::string& messages, const Course& course,
                              const Lesson& lesson);
BuildProblem explain_linker(const std::string& messages, const Lesson& lesson);

// The first warning about the learner's file: "line 12: unused variable 'sum'"; or "".
std::string first_warning(const std::string& messages, const Lesson& lesson);

// What nm shows that no lesson needs: a main(), the course's answers, files and other programs.
BuildProblem explain_symbols(const std::string& symbols, const Course& course,
                             const Lesson& lesson);

// The first name among nm's demangled symbols that the learner's object file must not call or
// contain: "softmax_forward"; or "".
std::string forbidden_symbol(const std::string& symbols, const Lesson& lesson);

// "my-gpt/03_matmul.h": the path as a learner would type it.
std::string shown(const Course& course, const std::string& path);

// A line of a file, counted from 1; "" if there is no such line.
std::string line_of_file(const std::string& path, std::size_t number);

}  // namespace gradus::lessons
