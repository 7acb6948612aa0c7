// SPDX-License-Identifier: MIT
// The rules of lessons/AUTHORING.md as a program: what is wrong with a lesson, sentence by
// sentence.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

struct Findings {
    std::vector<std::string> problems;  // empty: the lesson may be published
    int mutants = 0, numbers = 0, demo_blocks = 0, code_blocks = 0, links = 0;
    double seconds = 0;
};

// Runs the lesson's own program (bin/lessons/NN-name) on every answer it holds, plays the demo, and
// compares the text with both.
Findings verify(const Course& course, const Lesson& lesson);

}  // namespace gradus::lessons
