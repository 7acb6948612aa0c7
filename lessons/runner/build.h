// SPDX-License-Identifier: MIT
// From a learner's file to a program that checks it: compile that one file, inspect what it calls
// and includes, and link it with what the cold build has prepared.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"
#include "lessons/runner/explain.h"

namespace gradus::lessons {

struct Program {
    std::string path;
    std::vector<std::string> own;       // numbers of earlier lessons that run on the learner's file
    std::vector<std::string> built_in;  // of those that run on the built-in version
    std::string warning;                // the compiler's first about the learner's file
};

// Compiles the learner's file for a lesson and links it with their other files that passed.
BuildProblem build_program(const Course& course, const Lesson& lesson, Program& program);

}  // namespace gradus::lessons
