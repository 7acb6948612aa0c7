// SPDX-License-Identifier: MIT
#include "lessons/runner/show.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "lessons/runner/text.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus::lessons {
namespace {

// SGR sequences (ECMA-48).
enum class Paint { bold, dim, yellow, red, green };
constexpr const char* kPaints[] = {"1", "2", "33", "31;1", "32;1"};

std::string painted(const std::string& text, Paint paint, const TerminalStyle& style) {
    if (!style.colour) return text;
    return fmt::format("\x1b[{}m{}\x1b[0m", kPaints[static_cast<int>(paint)], text);
}

// A paragraph, every line of it indented.
std::string indented(const std::string& text, const TerminalStyle& style, int indent = 2) {
    const std::string space(static_cast<std::size_t>(indent), ' ');
    return space + wrapped(text, indent, style.columns - 1 - indent) + "\n";
}

// At most `most` lines of `text`, unwrapped, and how many more there are.
std::string first_lines(const std::string& text, std::size_t most) {
    std::string out;
    std::istringstream in(for_output(text));
    std::size_t n = 0;
    for (std::string line; std::getline(in, line); ++n)
        if (n < most) out += "    " + line + "\n";
    if (n > most) out += fmt::format("    ... and {} more lines\n", n - most);
    return out;
}

// The lines of a table; those with a mark stand out.
std::string table_lines(const std::string& table, const TerminalStyle& style) {
    std::string out;
    std::istringstream in(table);
    for (std::string line; std::getline(in, line);) {
        const std::string cut(fit_width("    " + line, style.columns - 1));
        out +=
            (line.find('>') == std::string::npos ? cut : painted(cut, Paint::yellow, style)) + "\n";
    }
    return out;
}

const char* mark(LessonState state, const TerminalStyle& style) {
    switch (state) {
        case LessonState::passed:
            return style.unicode ? "✓" : "x";
        case LessonState::changed:
            return style.unicode ? "≈" : "~";
        case LessonState::unfinished:
            return style.unicode ? "…" : ".";
        case LessonState::not_begun:
            return " ";
    }
    return " ";
}

std::string counted(std::uint64_t n, const char* what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string footer(const Verdict& v, const Lesson& lesson, const TerminalStyle& style) {
    std::string out, line;
    // A tick for each function that is done: finishing one of six should be felt.
    if (lesson.functions.size() > 1 && v.cases > 0) {
        bool waiting = false;
        for (const auto& name : lesson.functions) {
            const bool finished =
                std::find(v.finished.begin(), v.finished.end(), name) != v.finished.end();
            const bool first_wrong = name == v.function() && v.unfinished.count(name) == 0;
            const char* sign = finished      ? mark(LessonState::passed, style)
                               : first_wrong ? (style.unicode ? "✗" : "-")
                                             : mark(LessonState::unfinished, style);
            waiting = waiting || (!finished && !first_wrong);
            line += fmt::format("{}{} {}", line.empty() ? "" : "   ", sign, name);
        }
        if (waiting)
            line += fmt::format("   ({}: not written, or not known yet)",
                                mark(LessonState::unfinished, style));
        out += indented(line, style);
        line.clear();
    }
    for (const auto& [name, count] : v.calls)
        if (v.unfinished.count(name) == 0 && count > 0)
            line += fmt::format("{}{}: {}", line.empty() ? "Ran your code: " : ", ", name,
                                counted(count, "call"));
    if (!line.empty()) out += indented(line, style);
    line.clear();
    for (const auto& number : v.own) {
        const auto found = v.own_calls.find(number);
        if (found == v.own_calls.end() || found->second == 0) continue;
        line += fmt::format("{}lesson {}: {}", line.empty() ? "Underneath, your " : ", ", number,
                            counted(found->second, "call"));
    }
    if (!line.empty()) out += indented(line, style);
    for (const auto& [slot, lessons] : v.replaced)
        out += indented(
            fmt::format("{}: your lesson {}, in place of your lesson {}", slot, lessons.back(),
                        fmt::join(lessons.begin(), lessons.end() - 1, " and ")),
            style);
    if (!v.built_in.empty())
        out += indented(
            fmt::format("Built-in, until yours passes: lesson {}", fmt::join(v.built_in, ", ")),
            style);
    return out;
}

// Why cases did not run.
std::string ending(const Verdict& v, int total, const TerminalStyle& style) {
    const bool cut = v.cases > 0 && v.cases < total;
    if (!cut && v.end.empty()) return "";
    const std::string rest =
        cut ? fmt::format(", so {} did not run",
                          counted(static_cast<std::uint64_t>(total - v.cases), "more case"))
            : "";
    std::string words = v.end.empty() ? "The program ended in this case" : "Then the program ended";
    words += rest + ".";
    if (!v.end.empty()) words += v.end.starts_with("your") ? " Y" + v.end.substr(1) : " " + v.end;
    if (!v.end.empty() && !v.end.ends_with("?")) words += ".";
    return indented(words, style) + "\n";
}

std::string next_steps(const Verdict& v, const Course& course, const Lesson& lesson) {
    const std::string& n = lesson.number;
    if (!v.passed()) return fmt::format("  ./gradus hint {}   ./gradus demo {}\n", n, n);
    std::string out = fmt::format("  ./gradus demo {}       see it\n", n);
    if (!lesson.functions.empty())
        out += fmt::format("  ./gradus solution {}   compare with ours\n", n);
    if (const Lesson* next = course.after(lesson))
        out += fmt::format("  ./gradus start {}      next: {}\n", next->number, next->title);
    else
        out +=
            "  ./gradus gpt --mine   the last lesson: now train a GPT on your parts, and talk to "
            "it\n"
            "  ./gradus built        what you have built\n";
    return out;
}

}  // namespace

TerminalStyle style_of_terminal(bool ascii) {
    const TerminalCapabilities can = terminal_capabilities(false, ascii);
    return {terminal_columns(), can.colour, can.unicode};
}

std::string fitted(std::string_view text, const TerminalStyle& style, int indent) {
    return wrapped(text, indent, style.columns - 1);
}

std::string heading(const Lesson& lesson, const TerminalStyle& style) {
    return fmt::format("{} {} {} ({} min)", lesson.number, style.unicode ? "·" : "-", lesson.title,
                       lesson.minutes);
}

std::string verdict_text(const Verdict& v, const Course& course, const TerminalStyle& style) {
    const Lesson& lesson = course.lesson(v.lesson);
    const std::string name =
        fmt::format("{} {} {}", lesson.number, style.unicode ? "·" : "-", v.title);
    const std::string head =
        fitted(v.passed() ? fmt::format("{} {}: passed", mark(LessonState::passed, style), name)
                          : fmt::format("{} {}: not yet", style.unicode ? "✗" : "-", name),
               style, 2);
    std::string out = painted(head, v.passed() ? Paint::green : Paint::red, style);
    std::string facts;
    const int total = std::max(v.cases, v.cases_total);
    if (v.cases > 0)
        facts = fmt::format("{} of {}, ", v.cases_passed,
                            counted(static_cast<std::uint64_t>(total),
                                    v.which == Cases::all ? "case" : "last case"));
    facts = fmt::format("({}{:.1f} s)", facts, v.seconds);
    const std::string line = head.substr(head.rfind('\n') + 1);
    const bool fits = display_width(line) + 1 + display_width(facts) < style.columns;
    out += (fits ? " " : "\n  ") + painted(facts, Paint::dim, style) + "\n\n";
    if (!v.passed()) {
        const bool of_test = v.kind == VerdictKind::wrong || v.kind == VerdictKind::threw ||
                             v.kind == VerdictKind::unfinished;
        if (of_test && !v.test.empty()) out += painted(indented(v.test, style), Paint::bold, style);
        out += indented(v.where.empty()
                            ? v.sentence
                            : fmt::format("{} (where {})", v.sentence,
                                          std::regex_replace(v.where, std::regex(" := "), " = ")),
                        style, of_test ? 4 : 2);
        if (const std::string source = trimmed(v.source); !source.empty())
            out += painted(indented(source, style, 4), Paint::yellow, style);
        if (!v.expression.empty())
            out += painted(indented("asked: " + v.expression, style, 4), Paint::dim, style);
        if (!v.table.empty()) out += "\n" + table_lines(v.table, style);
        out += "\n";
        if (!v.explanation.empty())
            out += indented(v.explanation, style) + "\n";
        else if (!v.nudge.empty())
            out += indented(v.nudge, style) + "\n";
        out += ending(v, total, style);
        const bool of_run = v.cases > 0;
        if (!v.compiler.empty() && of_run)
            out += indented("The compiler warns: " + v.compiler, style) + "\n";
        const bool of_compiler = v.kind == VerdictKind::compile || v.kind == VerdictKind::link ||
                                 v.kind == VerdictKind::contract;
        if (!v.compiler.empty() && of_compiler)
            out += "  The compiler's full output:\n" +
                   painted(first_lines(v.compiler, 12), Paint::dim, style) + "\n";
    } else if (!v.compiler.empty()) {
        out += indented("The compiler warns: " + v.compiler, style) + "\n";
    }
    if (!v.printed.empty()) out += "  Your code printed:\n" + first_lines(v.printed, 10) + "\n";
    if (!v.printed_err.empty())
        out += "  Your code printed to std::cerr:\n" + first_lines(v.printed_err, 10) + "\n";
    if (!v.note.empty()) out += indented(v.note, style) + "\n";
    if (v.which == Cases::last)
        out += indented(
                   fmt::format("A try runs the last case of each function. Whether the lesson has "
                               "passed is decided by all of them: ./gradus check {}",
                               lesson.number),
                   style) +
               "\n";
    if (!v.offer.empty()) out += painted(indented(v.offer, style), Paint::dim, style) + "\n";
    const std::string ran = footer(v, lesson, style);
    return out + ran + (ran.empty() ? "" : "\n") + next_steps(v, course, lesson);
}

std::string map_text(const Course& course, const TerminalStyle& style) {
    const Progress progress = course.folder.progress();
    std::size_t passed = 0;
    int left = 0;
    bool changed = false;
    std::string rows;
    const Lesson& current = course.current();
    for (const auto& lesson : course.lessons) {
        const LessonState state = course.folder.state(lesson, progress);
        passed += state == LessonState::passed;
        changed = changed || state == LessonState::changed;
        if (state != LessonState::passed) left += lesson.minutes;
        const bool here = lesson.name == current.name && state != LessonState::passed;
        std::string row = fmt::format(" {} {} {} {}", here ? (style.unicode ? "→" : ">") : " ",
                                      mark(state, style), lesson.number, lesson.title);
        row = std::string(fit_width(row, style.columns - 9));
        const int space = std::max(1, std::min(60, style.columns - 8) - display_width(row));
        row += std::string(static_cast<std::size_t>(space), ' ') +
               fmt::format("{:3} min", lesson.minutes);
        if (here) row = painted(row, Paint::bold, style);
        if (state == LessonState::passed) row = painted(row, Paint::green, style);
        rows += row + "\n";
    }
    std::string out =
        painted(fitted("The course: a GPT from scratch, step by step", style), Paint::bold, style);
    out += "\n\n" + rows + "\n";
    if (changed)
        out += indented(fmt::format("{} passed, and its code has changed since: ./gradus check",
                                    mark(LessonState::changed, style)),
                        style) +
               "\n";
    const std::size_t width = static_cast<std::size_t>(std::clamp(style.columns - 30, 10, 30));
    const std::size_t full = passed * width / course.lessons.size();
    std::string bar;
    for (std::size_t i = 0; i < width; ++i)
        bar += i < full ? (style.unicode ? "█" : "#") : (style.unicode ? "░" : "-");
    out += fmt::format("  {} {} of {} lessons", bar, passed, course.lessons.size());
    if (left > 0)
        out += fmt::format("{}{} h {:02} min to go", style.columns < 60 ? "\n  " : ", ", left / 60,
                           left % 60);
    out += "\n\n";
    if (!course.folder.exists())
        return out +
               indented(
                   "You have not started yet. This makes the folder my-gpt for your code, "
                   "with its first file:",
                   style) +
               "\n      ./gradus start\n";
    if (passed == course.lessons.size())
        return out + indented("All passed. Train a GPT on your parts, and talk to it:", style) +
               "\n      ./gradus gpt --mine\n" + indented("What you have built:", style) +
               "\n      ./gradus built\n";
    const LessonState state = course.folder.state(current, progress);
    out += indented(fmt::format("{}: {}", state == LessonState::not_begun ? "Next" : "You are at",
                                heading(current, style)),
                    style);
    if (state == LessonState::not_begun) {
        out += fmt::format("\n      ./gradus start {}\n", current.number);
    } else {
        out += fmt::format(
            "\n      read   ./gradus read {}\n      write  {}\n      "
            "run    ./gradus check {}\n      or     ./gradus watch\n",
            current.number, shown(course, current.file), current.number);
    }
    return out;
}

std::string list_text(const Course& course, const TerminalStyle& style) {
    static const std::map<LessonState, const char*> words = {
        {LessonState::not_begun, "not begun"},
        {LessonState::unfinished, "unfinished"},
        {LessonState::changed, "changed since it passed"},
        {LessonState::passed, "passed"}};
    const Progress progress = course.folder.progress();
    std::string out;
    for (const auto& lesson : course.lessons) {
        const LessonState state = course.folder.state(lesson, progress);
        const Record& record = progress.of(lesson.name);
        std::string row =
            fmt::format("{} {:<18} {}", mark(state, style), lesson.name, words.at(state));
        if (record.seconds >= 60) row += fmt::format(", {} min", record.seconds / 60);
        if (record.tries > 0)
            row += fmt::format(", {} {}", record.tries, record.tries == 1 ? "try" : "tries");
        if (record.hints > 0) row += fmt::format(", {}", counted(record.hints, "hint").c_str());
        if (!record.met.empty()) row += fmt::format(", met: {}", fmt::join(record.met, ", "));
        out += fitted(row, style, 2) + "\n";
    }
    return out + "\n" +
           fitted("Lessons may be skipped: what is missing runs on the built-in version.", style) +
           "\n";
}

}  // namespace gradus::lessons
