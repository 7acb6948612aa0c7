// SPDX-License-Identifier: MIT
// The runner's output, as text for a terminal or a pipe.
#pragma once

#include <string>
#include <string_view>

#include "lessons/runner/course.h"
#include "lessons/runner/verdict.h"

namespace gradus::lessons {

// The capabilities of the terminal or pipe that receives the output.
struct TerminalStyle {
    int columns = 80;
    bool colour = false;
    bool unicode = true;
};
TerminalStyle style_of_terminal(bool ascii);

// Wraps the text to fit, and indents all lines but the first.
std::string fitted(std::string_view text, const TerminalStyle& style, int indent = 0);

std::string verdict_text(const Verdict& verdict, const Course& course, const TerminalStyle& style);
// The learner's place in the course: every lesson with its state, then the current lesson and the
// next command.
std::string map_text(const Course& course, const TerminalStyle& style);
// The table of ./gradus list.
std::string list_text(const Course& course, const TerminalStyle& style);

// "03 · Matmul, sum and softmax by loops (40 min)".
std::string heading(const Lesson& lesson, const TerminalStyle& style);

}  // namespace gradus::lessons
