// SPDX-License-Identifier: MIT
// What the runner says, as text for a terminal or a pipe.
#pragma once

#include <string>

#include "lessons/runner/course.h"
#include "lessons/runner/verdict.h"

namespace gradus::lessons {

struct Look {
    int columns = 80;
    bool colour = false;
    bool unicode = true;
};
Look look_of_terminal(bool ascii);

std::string verdict_text(const Verdict& verdict, const Course& course, const Look& look);
// Where am I: every lesson with its state, the next one, the next command.
std::string map_text(const Course& course, const Look& look);
// The table of ./gradus list.
std::string list_text(const Course& course, const Look& look);

// "03 · Matmul, sum and softmax by loops (40 min)".
std::string heading(const Lesson& lesson, const Look& look);

}  // namespace gradus::lessons
