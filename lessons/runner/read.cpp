// SPDX-License-Identifier: MIT
// ./gradus read: a lesson in the terminal. It stops before each section and before the answer to
// each question; through a pipe, it does not stop.
#include <fmt/core.h>
#include <unistd.h>

#include <iostream>

#include "lessons/runner/book_words.h"
#include "lessons/runner/commands.h"
#include "lessons/runner/lesson_lines.h"
#include "nn/terminal/terminal.h"

namespace gradus::lessons {
namespace {

constexpr int kWidest = 80;  // columns of text; longer lines are hard to read

// Whether to go on: Enter was typed, and not q or the end of the input.
bool wait(const char* words, const TerminalStyle& style) {
    fmt::print("{}", fitted(words, style));
    std::fflush(stdout);
    std::string typed;
    if (!std::getline(std::cin, typed)) {
        fmt::print("\n");
        return false;
    }
    // Enter has moved the cursor to the next line: the words are erased, the text closes up.
    if (terminal_capabilities(false, false).live) fmt::print("\x1b[A\x1b[K");
    return typed != "q" && typed != "Q";
}

}  // namespace

int read_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const BookWords& words = kEnglish;
    const Lesson& lesson = course.lesson(name);
    TerminalStyle page = style;
    page.columns = std::max(20, std::min(kWidest, style.columns - (output_is_terminal() ? 1 : 0)));
    const auto steps =
        lesson_steps(lesson_blocks(lesson), lesson,
                     demo_pictures(course, lesson, page, Svg::unwanted), page, words);
    const bool stops = output_is_terminal() && ::isatty(STDIN_FILENO) == 1;
    for (const auto& [pause, text] : steps) {
        if (stops && pause != Pause::none &&
            !wait(pause == Pause::answer ? words.show_answer : words.read_on, style))
            return 0;
        fmt::print("{}", text);
    }
    return 0;
}

}  // namespace gradus::lessons
