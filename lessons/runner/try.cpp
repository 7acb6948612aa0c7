// SPDX-License-Identifier: MIT
// ./gradus try: a fast track for learners who know the matter. It runs only the last case of each
// function, which is the hardest; if they pass, the whole check follows at once and decides.
#include <fmt/core.h>

#include "lessons/runner/commands.h"
#include "lessons/runner/verdict.h"
#include "lessons/runner/waiting.h"

namespace gradus::lessons {

int try_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const Lesson& lesson = course.lesson(name);
    if (course.folder.begin(lesson))
        fmt::print("{}\n\n", fitted(fmt::format("{} did not exist: it now holds the stub.",
                                                shown(course, lesson.file)),
                                    style));
    const auto check = [&](Cases which) {
        const Waiting waiting(fmt::format("checking {} ...", shown(course, lesson.file)));
        return check_lesson(course, lesson, which);
    };
    Verdict verdict = check(Cases::last);
    if (verdict.passed()) {
        fmt::print("{}\n\n", fitted("The last case of each function passes. All cases:", style));
        std::fflush(stdout);
        verdict = check(Cases::all);
    }
    offer_hint(verdict, course, lesson);
    fmt::print("{}", verdict_text(verdict, course, style));
    return verdict.passed() ? 0 : 1;
}

}  // namespace gradus::lessons
