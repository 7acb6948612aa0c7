// SPDX-License-Identifier: MIT
// The files of a lesson: README.md with its front matter, part.inc, hints.md, mutants.md and
// solution.h, one after the other, separated by zero bytes.
#include "lessons/runner/lesson.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;
using namespace std::string_literals;

static const fuzz::Reader lesson_reader(
    "lesson",
    [](std::string_view text) {
        for (const char* name : {"README.md", "part.inc", "hints.md", "mutants.md", "solution.h"}) {
            const std::size_t end = std::min(text.size(), text.find('\0'));
            fuzz::file(name, text.substr(0, end));
            text.remove_prefix(std::min(text.size(), end + 1));
        }
        try {
            const lessons::Lesson lesson = lessons::read_lesson(fuzz::folder());
            lessons::lesson_text(lesson);
            for (const lessons::Mutant& mutant : lesson.mutants) lessons::mutated(lesson, mutant);
        } catch (const lessons::LessonError&) {
        }
    },
    {"---\ntitle: T\nminutes: 3\nreading: 2\nneeds: 01, 02\n---\nText\n\0"
     "PART(int, f, (int x))\n\0"
     "## One\nA hint.\n\0"
     "## m\nWrong.\n```diff\n- a\n+ b\n```\n\0"
     " a\n"s});
