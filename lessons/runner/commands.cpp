// SPDX-License-Identifier: MIT
#include "lessons/runner/commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lessons/runner/verdict.h"
#include "lessons/runner/waiting.h"
#include "nn/files/atomic_file.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// From here on, the time counts. A folder that cannot be written to says so at the first check.
void note_time(const Course& course, const Lesson& lesson) {
    try {
        Progress progress = course.folder.progress();
        progress.spend(lesson.name, unix_time());
        progress.write();
    } catch (const FileError&) {
    }
}

// Why a file does not count as passed.
std::string why_not(const Lesson& lesson, LessonState state) {
    return state == LessonState::changed
               ? lesson.file + " has been changed since it passed, and not been checked"
               : lesson.file + " has not passed yet";
}

}  // namespace

int targets_command(const Course& course, const std::vector<std::string>& words) {
    const std::string command = words.empty() ? "" : words[0];
    std::string named;
    bool all = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "-h" || words[i] == "--help") return 0;
        all = all || words[i] == "--all";
        if (named.empty() && !words[i].starts_with("-")) named = words[i];
    }
    const auto needs = [&](const std::vector<std::string>& commands) {
        return std::find(commands.begin(), commands.end(), command) != commands.end();
    };
    if (needs({"receipt"}) && std::find(words.begin(), words.end(), "--replay") != words.end()) {
        fmt::print("mine_objects\n");
    } else if (needs({"blame"})) {
        fmt::print("blame_program\n");
    } else if (needs({"watch", "book"}) || (needs({"verify"}) && named.empty())) {  // of any lesson
        fmt::print("gradus_course\n");
    } else if (needs({"check"}) && all) {
        const Progress progress = course.folder.progress();
        for (const auto& lesson : course.lessons)
            if (course.folder.state(lesson, progress) != LessonState::not_begun)
                fmt::print("lesson_{}_check\n", lesson.number);
    } else if (needs({"check", "try", "demo", "read", "verify"})) {
        fmt::print("lesson_{}_{}\n", course.lesson(named).number,
                   command == "read" ? "program" : "check");
    }
    return 0;
}

int map_command(const Course& course, const TerminalStyle& style) {
    fmt::print("{}", map_text(course, style));
    return 0;
}

int start_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const bool first = !course.folder.exists();
    const Lesson& lesson = course.lesson(name);
    const bool made = course.folder.begin(lesson);
    note_time(course, lesson);
    if (first)
        fmt::print("{}\n\n", fitted(fmt::format("Made {}: your code goes there. Updates of the "
                                                "course never touch it.",
                                                course.folder.path()),
                                    style));
    fmt::print("{}\n\n", fitted(heading(lesson, style), style));
    fmt::print("  read   ./gradus read {}    {} min\n", lesson.number, lesson.reading);
    fmt::print("  write  {}{}\n", shown(course, lesson.file),
               made ? "" : "   (was already there, and stays as it is)");
    fmt::print("  run    ./gradus check {}\n", lesson.number);
    fmt::print("  or     ./gradus watch      checks whenever you save\n");
    return 0;
}

int check_command(const Course& course, const std::string& name, bool all, bool json,
                  const TerminalStyle& style) {
    std::vector<Verdict> verdicts;
    const auto judge_one = [&](const Lesson& lesson) {
        {
            const Waiting waiting(fmt::format("checking {} ...", shown(course, lesson.file)));
            verdicts.push_back(check_lesson(course, lesson));
        }
        if (!json) {
            offer_hint(verdicts.back(), course, lesson);
            fmt::print("{}{}", verdicts.size() > 1 ? "\n" : "",
                       verdict_text(verdicts.back(), course, style));
        }
        std::fflush(stdout);
    };
    if (all) {
        const Progress progress = course.folder.progress();
        for (const auto& lesson : course.lessons)
            if (course.folder.state(lesson, progress) != LessonState::not_begun) judge_one(lesson);
        require(!verdicts.empty(), "check: {} holds no lesson yet (./gradus start)",
                course.folder.path());
    } else {
        const Lesson& lesson = course.lesson(name);
        // Checked before it was started: puts the stub there, which tells what to write.
        if (course.folder.begin(lesson) && !json)
            fmt::print("{}\n\n", fitted(fmt::format("{} did not exist: it now holds the stub.",
                                                    shown(course, lesson.file)),
                                        style));
        judge_one(lesson);
    }
    if (json) {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& verdict : verdicts) list.push_back(to_json(verdict));
        fmt::print("{}\n", nlohmann::json({{"version", 1}, {"verdicts", list}})
                               .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    return std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.passed(); })
               ? 0
               : 1;
}

int hint_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const Lesson& lesson = course.lesson(name);
    const auto count = static_cast<int>(lesson.hints.size());
    require(count > 0, "hint: lesson {} has none", lesson.number);
    Progress progress = course.folder.progress();
    Record& record = progress.of(lesson.name);
    const int which = std::min(record.hints + 1, count);
    fmt::print("hint {} of {}\n\n{}\n", which, count,
               fitted(lesson.hints[static_cast<std::size_t>(which - 1)], style));
    if (which == count)
        fmt::print("\n{}\n", fitted(fmt::format("That was the last hint. If it does not help: "
                                                "./gradus solution {} --peek",
                                                lesson.number),
                                    style));
    record.hints = which;
    progress.spend(lesson.name, unix_time());
    if (course.folder.exists()) progress.write();
    return 0;
}

int demo_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const Lesson& lesson = course.lesson(name);
    const LessonState state = course.folder.state(lesson, course.folder.progress());
    const bool own = state == LessonState::passed;
    std::string program = course.build.programs + "/" + lesson.name, answer = "solution";
    if (own) {
        Program mine;
        const BuildProblem problem = build_program(course, lesson, mine);
        require(!problem, "demo: {}", problem.sentence);
        program = mine.path, answer = "mine";
    }
    fmt::print("{}\n\n",
               fitted(own ? "On your code:"
                          : fmt::format("On our solution, as {}:", why_not(lesson, state)),
                      style));
    const std::string pictures = course.folder.path() + "/pictures/" + lesson.name;
    if (course.folder.exists()) fs::create_directories(pictures);
    std::vector<std::string> command = {
        program,
        lesson.name,
        "demo",
        answer,
        std::to_string(std::min(100, style.columns - 1)),
        std::string("-") + (style.unicode ? "u" : "") + (style.colour ? "c" : "")};
    if (course.folder.exists()) command.push_back(pictures);
    const ProcessResult ended = run(command, {60, 120}, {{"ASAN_OPTIONS", "detect_leaks=0"}});
    fmt::print("{}", ended.out);
    require(ended.code == 0, "demo: it ended early (exit code {}): {}", ended.code,
            ended.err.substr(0, 400));
    if (course.folder.exists() && !fs::is_empty(pictures))
        fmt::print("{}\n", fitted("The pictures as files: " + pictures, style));
    return 0;
}

int solution_command(const Course& course, const std::string& name, bool peek,
                     const TerminalStyle& style) {
    const Lesson& lesson = course.lesson(name);
    const LessonState state = course.folder.state(lesson, course.folder.progress());
    if (!peek && state != LessonState::passed) {
        fmt::print("{}\n",
                   fitted(fmt::format("Not shown, as {0}. A hint costs nothing: ./gradus hint "
                                      "{1}. If you want to see the solution now: ./gradus "
                                      "solution {1} --peek",
                                      why_not(lesson, state), lesson.number),
                          style));
        return 1;
    }
    const std::string stem =
        course.folder.path() + "/" + lesson.file.substr(0, lesson.file.size() - 2) + ".solution";
    const std::string text = read_file(lesson.path("solution.h"));
    std::string path = stem + ".h";
    for (int n = 1; fs::exists(path) && read_file(path) != text; ++n)
        path = fmt::format("{}.{}.h", stem, n);
    fs::create_directories(course.folder.path());
    if (!fs::exists(path)) write_file(path, text);
    fmt::print("{}\n\n  diff -u {} {}\n",
               fitted("Written beside yours: " + shown(course, path), style),
               shell_word(shown(course, path)), shell_word(shown(course, lesson.file)));
    return 0;
}

int reset_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    require(!name.empty(), "reset: which lesson? ./gradus reset {}", course.current().number);
    const Lesson& lesson = course.lesson(name);
    const std::string aside = course.folder.set_aside(lesson);
    course.folder.begin(lesson);
    fmt::print("{}\n", fitted(aside.empty()
                                  ? fmt::format("{} is the stub again.", shown(course, lesson.file))
                                  : fmt::format("{} is the stub again; your file is now {}.",
                                                shown(course, lesson.file), shown(course, aside)),
                              style));
    return 0;
}

int list_command(const Course& course, bool json, const TerminalStyle& style) {
    if (!json) {
        fmt::print("{}", list_text(course, style));
        return 0;
    }
    static const std::map<LessonState, const char*> words = {
        {LessonState::not_begun, "not-begun"},
        {LessonState::unfinished, "unfinished"},
        {LessonState::changed, "changed"},
        {LessonState::passed, "passed"}};
    const Progress progress = course.folder.progress();
    nlohmann::json list = nlohmann::json::array();
    for (const auto& lesson : course.lessons) {
        const Record& record = progress.of(lesson.name);
        list.push_back({{"lesson", lesson.name},
                        {"title", lesson.title},
                        {"minutes", lesson.minutes},
                        {"state", words.at(course.folder.state(lesson, progress))},
                        {"tries", record.tries},
                        {"seconds", record.seconds},
                        {"hints", record.hints},
                        {"met", record.met}});
    }
    fmt::print("{}\n", nlohmann::json({{"version", 1}, {"lessons", list}})
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
}

}  // namespace gradus::lessons
