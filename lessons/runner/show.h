// SPDX-License-Identifier: MIT
// What the runner says, as text for a terminal or a pipe.
#pragma once

#include <string>
#include <string_view>

#include "lessons/runner/course.h"
#include "lessons/runner/verdict.h"

namespace gradus::lessons {

// What the terminal or pipe being written to can show.
struct TerminalStyle {
    int columns = 80;
    bool colour = false;
    bool unicode = true;
};
TerminalStyle style_of_terminal(bool ascii);

// Text in lines that fit, all but the first indented.
std::string fitted(std::string_view text, const TerminalStyle& style, int indent = 0);

std::string verdict_text(const Verdict& verdict, const Course& course, const TerminalStyle& style);
// Where am I: every lesson with its state, the next one, the next command.
std::string map_text(const Course& course, const TerminalStyle& style);
// The table of ./gradus list.
std::string list_text(const Course& course, const TerminalStyle& style);

// "03 · Matmul, sum and softmax by loops (40 min)".
std::string heading(const Lesson& lesson, const TerminalStyle& style);

}  // namespace gradus::lessons
