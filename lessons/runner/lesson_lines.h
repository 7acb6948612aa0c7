// SPDX-License-Identifier: MIT
// A lesson's text as lines for a terminal or a pipe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lessons/runner/book_words.h"
#include "lessons/runner/markdown.h"
#include "lessons/runner/pictures.h"
#include "lessons/runner/show.h"

namespace gradus::lessons {

enum class Pause { none, section, answer };

// A piece of the text, and what a reader at a terminal waits for before it.
struct Step {
    Pause pause = Pause::none;
    std::string text;
};

// No line is wider than style.columns, which is 20 at least. Without colour, code keeps its
// backticks; without Unicode, every line is ASCII.
std::vector<Step> lesson_steps(const Blocks& blocks, const Lesson& lesson,
                               const std::vector<DemoPicture>& pictures, const TerminalStyle& style,
                               const BookWords& words);

}  // namespace gradus::lessons
