// SPDX-License-Identifier: MIT
#include "lessons/runner/show.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus::lessons {
namespace {

enum class Paint { green, red, yellow, bold, dim };

std::string painted(const std::string& text, Paint paint, const Look& look) {
    if (!look.colour) return text;
    const char* code = "1";
    switch (paint) {
        case Paint::green:
            code = "32;1";
            break;
        case Paint::red:
            code = "31;1";
            break;
        case Paint::yellow:
            code = "33";
            break;
        case Paint::bold:
            code = "1";
            break;
        case Paint::dim:
            code = "2";
            break;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

// A paragraph, every line of it indented.
std::string indented(const std::string& text, const Look& look, int indent = 2) {
    const std::string space(static_cast<std::size_t>(indent), ' ');
    return space + wrapped(text, indent, look.columns - 1 - indent) + "\n";
}

// At most `most` lines of a text, as they are, and how many were left out.
std::string quoted(const std::string& text, std::size_t most) {
    std::string out;
    std::istringstream in(text);
    std::size_t n = 0;
    for (std::string line; std::getline(in, line); ++n)
        if (n < most) out += "    " + line + "\n";
    if (n > most) out += fmt::format("    ... and {} lines more\n", n - most);
    return out;
}

const char* mark(State state, const Look& look) {
    switch (state) {
        case State::passed:
            return look.unicode ? "✓" : "x";
        case State::changed:
            return look.unicode ? "≈" : "~";
        case State::unfinished:
            return look.unicode ? "…" : ".";
        case State::not_begun:
            return " ";
    }
    return " ";
}

std::string counted(std::uint64_t n, const char* what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string footer(const Verdict& v, const Look& look) {
    std::string out, line;
    for (const auto& [name, count] : v.calls)
        line += fmt::format("{}{}: {}", line.empty() ? "Ran your code: " : ", ", name,
                            counted(count, "call"));
    if (!line.empty()) out += indented(line, look);
    line.clear();
    for (const auto& number : v.own) {
        const auto found = v.own_calls.find(number);
        if (found == v.own_calls.end() || found->second == 0) continue;
        line += fmt::format("{}lesson {}: {}", line.empty() ? "Underneath, your " : ", ", number,
                            counted(found->second, "call"));
    }
    if (!line.empty()) out += indented(line, look);
    if (!v.built_in.empty())
        out += indented(
            fmt::format("Built-in, until yours passes: lesson {}", fmt::join(v.built_in, ", ")),
            look);
    return out;
}

std::string next_steps(const Verdict& v, const Course& course, const Lesson& lesson) {
    const std::string& n = lesson.number;
    if (!v.passed) return fmt::format("  ./gradus hint {}   ./gradus demo {}\n", n, n);
    std::string out = fmt::format("  ./gradus demo {}       see it\n", n);
    if (!lesson.functions.empty())
        out += fmt::format("  ./gradus solution {}   compare with ours\n", n);
    if (const Lesson* next = course.after(lesson))
        out += fmt::format("  ./gradus start {}      next: {}\n", next->number, next->title);
    else
        out += "  That was the last lesson there is.\n";
    return out;
}

}  // namespace

Look look_of_terminal(bool ascii) {
    const TerminalAbilities can = terminal_abilities(false, ascii);
    return {terminal_columns(), can.colour, can.unicode};
}

std::string heading(const Lesson& lesson, const Look& look) {
    return fmt::format("{} {} {} ({} min)", lesson.number, look.unicode ? "·" : "-", lesson.title,
                       lesson.minutes);
}

std::string verdict_text(const Verdict& v, const Course& course, const Look& look) {
    const Lesson& lesson = course.lesson(v.lesson);
    const std::string name =
        fmt::format("{} {} {}", lesson.number, look.unicode ? "·" : "-", v.title);
    std::string out =
        painted(v.passed ? fmt::format("{} {}: passed", mark(State::passed, look), name)
                         : fmt::format("{} {}: not yet", look.unicode ? "✗" : "-", name),
                v.passed ? Paint::green : Paint::red, look);
    std::string facts;
    if (v.cases > 0) facts = fmt::format("{} of {}, ", v.cases_passed, counted(v.cases, "case"));
    out += painted(fmt::format(" ({}{:.1f} s)", facts, v.seconds), Paint::dim, look) + "\n\n";
    if (!v.passed) {
        const bool of_test = v.kind == "wrong" || v.kind == "threw" || v.kind == "unfinished";
        if (of_test && !v.test.empty()) out += painted(indented(v.test, look), Paint::bold, look);
        out += indented(
            v.where.empty() ? v.sentence : fmt::format("{} (where {})", v.sentence, v.where), look,
            of_test ? 4 : 2);
        if (!v.source.empty())
            out += fmt::format(
                "    {}\n",
                painted(std::string(fit_width(v.source, look.columns - 5)), Paint::yellow, look));
        if (!v.expression.empty())
            out += painted(indented("asked: " + v.expression, look, 4), Paint::dim, look);
        out += "\n";
        if (!v.explanation.empty()) out += indented(v.explanation, look) + "\n";
        if (!v.compiler.empty() &&
            (v.kind == "compile" || v.kind == "link" || v.kind == "contract"))
            out += "  The compiler in full:\n" + painted(quoted(v.compiler, 12), Paint::dim, look) +
                   "\n";
    } else if (!v.compiler.empty()) {
        out += indented("The compiler remarks: " + v.compiler, look) + "\n";
    }
    if (!v.printed.empty()) out += "  Your code printed:\n" + quoted(v.printed, 10) + "\n";
    const std::string ran = footer(v, look);
    return out + ran + (ran.empty() ? "" : "\n") + next_steps(v, course, lesson);
}

std::string map_text(const Course& course, const Look& look) {
    const Progress progress = course.folder.progress();
    std::size_t passed = 0;
    int left = 0;
    std::string rows;
    const Lesson& current = course.current();
    for (const auto& lesson : course.lessons) {
        const State state = course.folder.state(lesson, progress);
        passed += state == State::passed;
        if (state != State::passed) left += lesson.minutes;
        const bool here = lesson.name == current.name && state != State::passed;
        std::string row = fmt::format(" {} {} {} {}", here ? (look.unicode ? "→" : ">") : " ",
                                      mark(state, look), lesson.number, lesson.title);
        row = std::string(fit_width(row, look.columns - 9));
        const int space = std::max(1, std::min(60, look.columns - 8) - display_width(row));
        row += std::string(static_cast<std::size_t>(space), ' ') +
               fmt::format("{:3} min", lesson.minutes);
        if (here) row = painted(row, Paint::bold, look);
        if (state == State::passed) row = painted(row, Paint::green, look);
        rows += row + "\n";
    }
    std::string out =
        painted(wrapped("The course: a GPT from nothing, step by step", 0, look.columns - 1),
                Paint::bold, look);
    out += "\n\n" + rows + "\n";
    const std::size_t width = static_cast<std::size_t>(std::clamp(look.columns - 30, 10, 30));
    const std::size_t full = passed * width / course.lessons.size();
    std::string bar;
    for (std::size_t i = 0; i < width; ++i)
        bar += i < full ? (look.unicode ? "█" : "#") : (look.unicode ? "░" : "-");
    out += fmt::format("  {} {} of {} lessons", bar, passed, course.lessons.size());
    if (left > 0)
        out += fmt::format("{}{} h {:02} min to go", look.columns < 60 ? "\n  " : ", ", left / 60,
                           left % 60);
    out += "\n\n";
    if (!course.folder.exists())
        return out +
               indented(
                   "You have not begun. This makes the folder my-gpt, where your code "
                   "will be, and the first file in it:",
                   look) +
               "\n      ./gradus start\n";
    if (passed == course.lessons.size())
        return out + indented("All passed. Talk to a GPT: ./gradus gpt", look);
    const State state = course.folder.state(current, progress);
    out += indented(fmt::format("{}: {}", state == State::not_begun ? "Next" : "You are at",
                                heading(current, look)),
                    look);
    if (state == State::not_begun) {
        out += fmt::format("\n      ./gradus start {}\n", current.number);
    } else {
        out += fmt::format(
            "\n      read   lessons/{}/README.md\n      write  {}\n      "
            "run    ./gradus check {}\n      or     ./gradus watch\n",
            current.name, shown(course, current.file), current.number);
    }
    return out;
}

std::string list_text(const Course& course, const Look& look) {
    static const std::map<State, const char*> words = {{State::not_begun, "not begun"},
                                                       {State::unfinished, "unfinished"},
                                                       {State::changed, "changed since it passed"},
                                                       {State::passed, "passed"}};
    const Progress progress = course.folder.progress();
    std::string out;
    for (const auto& lesson : course.lessons) {
        const State state = course.folder.state(lesson, progress);
        const Record& record = progress.of(lesson.name);
        std::string row =
            fmt::format("{} {:<18} {}", mark(state, look), lesson.name, words.at(state));
        if (record.tries > 0) row += fmt::format(", {}", counted(record.tries, "check").c_str());
        if (record.hints > 0) row += fmt::format(", {}", counted(record.hints, "hint").c_str());
        if (!record.met.empty()) row += fmt::format(", met: {}", fmt::join(record.met, " "));
        out += wrapped(row, 2, look.columns - 1) + "\n";
    }
    return out + "\n" +
           wrapped("Lessons may be skipped: what is missing runs on the built-in version.", 0,
                   look.columns - 1) +
           "\n";
}

}  // namespace gradus::lessons
