// SPDX-License-Identifier: MIT
// Checks a lesson against the rules of lessons/AUTHORING.md; each problem is reported as a
// sentence.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

struct Findings {
    std::vector<std::string> problems;  // empty: the lesson may be published
    int mutants = 0, neighbours = 0, numbers = 0, demo_blocks = 0, code_blocks = 0, links = 0;
    double seconds = 0;
};

// Runs the lesson's own program (bin/lessons/NN-name) on each of its answers, runs the demo,
// and checks the text against their output.
Findings verify(const Course& course, const Lesson& lesson);

}  // namespace gradus::lessons
