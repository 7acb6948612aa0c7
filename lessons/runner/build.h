// SPDX-License-Identifier: MIT
// From a learner's file to a program that checks it: compiles only that file, checks its calls and
// includes, and links it with the object files that the build of the course has prepared.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"
#include "lessons/runner/explain.h"

namespace gradus::lessons {

struct Program {
    std::string path;
    std::vector<std::string> own;       // earlier lessons that use the learner's file, by number
    std::vector<std::string> built_in;  // earlier lessons that use the built-in version
    std::string warning;                // the compiler's first warning about the learner's file
};

// The compiler's first warning about the learner's file, compiled once more without sanitizers: with
// them, g++ says nothing of variables without a value. "" if there is none.
std::string remark(const Course& course, const Lesson& lesson);

// A learner's code as the answer of its lesson, in a source that holds those of several lessons.
std::string as_answer(const Course& course, const Lesson& lesson, const std::string& code);

// Objects in `folder`, among those that the runner builds, with the learner's functions for these
// lessons: a single one, unless two of the files conflict (say, the same helper outside namespace
// mine); then one per lesson. Those that no longer compile are taken off the list.
std::vector<std::string> compile_earlier(const Course& course, const std::string& folder,
                                         std::vector<const Lesson*>& lessons);

// Compiles the learner's file for a lesson and links it with their other files that passed.
BuildProblem build_program(const Course& course, const Lesson& lesson, Program& program);

}  // namespace gradus::lessons
