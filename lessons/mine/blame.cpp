// SPDX-License-Identifier: MIT
// ./gradus blame: which of a learner's parts breaks the training of a GPT? A short run with the
// reference's parts is repeated with those of one lesson exchanged for the learner's, lesson by
// lesson. A lesson whose run differs is run once more, now with its functions watched (watch.h).
//
//     PROGRAM [LESSON=ANSWER ...]    18-heads=no-root: another answer in the place of "mine"
//     PROGRAM equal STEPS            prints by how much our parts differ from the library's own
//
// In double and on one thread; each run in a process of its own, so that a crash or an endless loop is
// a finding, too. Exit code: 0 nothing found, 1 something, 2 usage.
#define DOCTEST_CONFIG_IMPLEMENT  // the lessons' answers are compiled with a header that has doctest's
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "lessons/check/apart.h"
#include "lessons/check/registry.h"
#include "lessons/mine/short_run.h"
#include "lessons/mine/watch.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "tensor/parallel.h"

namespace gradus::lessons {
namespace {

constexpr int kSeconds = 60;  // of processor time that a run may take; the reference's takes 0.1

struct Watch {
    std::string lesson;
    Watched::Install install;
};
std::vector<Watch>& watches() {
    static std::vector<Watch> list;
    return list;
}

// Runs `work` in a process of its own and returns the lines that it gives; `problem`: how it ended,
// unless well.
std::vector<std::string> lines_apart(const std::function<std::vector<std::string>()>& work,
                                     std::string& problem) {
    const Apart process = apart(kSeconds, [&](const auto& write) {
        std::string text;
        int code = 0;
        try {
            for (const auto& line : work()) text += line + "\n";
        } catch (const std::exception& error) {
            text = error.what();
            code = 1;
        }
        write(text.data(), text.size());
        return code;
    });
    if (is_late(process))
        problem = fmt::format("does not come to an end within {} s", kSeconds);
    else if (!process.ended())
        problem = "crashes: it reads or writes where it should not";
    else if (process.code() != 0)
        problem = "stops with: " + process.written;
    std::vector<std::string> lines;
    std::istringstream in(process.written);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// "number name" for each event of the run in which `lesson` is played by `answer`.
std::vector<std::string> run_with(const std::string& lesson, const std::string& answer,
                                  std::string& problem) {
    return lines_apart(
        [&] {
            if (!lesson.empty()) find(lesson, answer)->use();
            std::vector<std::string> lines;
            for (const auto& event : short_run())
                lines.push_back(fmt::format("{:.17g} {}", event.number, event.name));
            return lines;
        },
        problem);
}

std::vector<std::string> watched(const std::string& lesson, const std::string& answer) {
    std::string problem;
    auto lines = lines_apart(
        [&] {
            Watcher watcher;
            for (const auto& watch : watches())
                if (watch.lesson == lesson)
                    watch.install(
                        watcher, [&] { find(lesson, answer)->use(); },
                        [&] { find(lesson, "solution")->use(); });
            short_run();
            std::vector<std::string> found;
            for (const auto& d : watcher.found())
                found.push_back(fmt::format(
                    "{}{}{}: {}", d.function, d.call > 0 ? fmt::format(", call {}", d.call) : "",
                    d.sizes.empty() ? "" : fmt::format(" ({})", d.sizes), d.what));
            return found;
        },
        problem);
    if (!problem.empty()) lines = {problem};
    return lines;
}

// The first event in which two runs differ; "" if none does.
std::string difference(const std::vector<std::string>& yours,
                       const std::vector<std::string>& expected) {
    for (std::size_t i = 0; i < std::min(yours.size(), expected.size()); ++i) {
        const double a = std::stod(yours[i]), b = std::stod(expected[i]);
        const std::string name = expected[i].substr(expected[i].find(' ') + 1);
        if (!(std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)))) {
            const std::string few = fmt::format("{} is {:.6g} instead of {:.6g}", name, a, b);
            const bool alike = fmt::format("{:.6g}", a) == fmt::format("{:.6g}", b);
            return alike ? fmt::format("{} is {:.11g} instead of {:.11g}", name, a, b) : few;
        }
    }
    return yours.size() == expected.size() ? "" : "it writes another number of tokens";
}

int blame(std::map<std::string, std::string> answers_of) {
    set_threads(1);
    use_reference();
    std::string problem;
    const auto expected = run_with("", "", problem);
    if (!problem.empty()) throw std::runtime_error("blame: the reference itself " + problem);
    for (const auto& answer : answers())
        if (answer.name == "mine") answers_of.emplace(answer.lesson, "mine");
    int found = 0;
    for (const auto& [lesson, answer] : answers_of) {
        if (find(lesson, answer) == nullptr)
            throw std::invalid_argument(fmt::format("{} has no answer {}", lesson, answer));
        problem.clear();
        const auto yours = run_with(lesson, answer, problem);
        const std::string differs = problem.empty() ? difference(yours, expected) : problem;
        if (differs.empty()) continue;
        ++found;
        print_text(stdout, wrapped(fmt::format("{}: with yours, {}.", lesson, differs)) + "\n");
        for (const auto& line : watched(lesson, answer))
            print_text(stdout, wrapped("  " + line, 4) + "\n");
    }
    if (found == 0)
        print_text(stdout, wrapped(fmt::format("None of your {} lessons changes a digit of it: "
                                               "training, reading with the cache, writing, tokens.",
                                               answers_of.size())) +
                               "\n");
    return found > 0 ? 1 : 0;
}

}  // namespace

std::string named_sizes(const std::string& arguments, const std::vector<Index>& values) {
    std::string list;
    std::size_t at = 0;
    for (const Index value : values) {
        at = arguments.find("Index ", at);
        if (at == std::string::npos) break;
        at += 6;
        const auto end = arguments.find_first_of(",)", at);
        list += fmt::format("{}{} = {}", list.empty() ? "" : ", ", arguments.substr(at, end - at),
                            value);
    }
    return list;
}

void Watched::add(const char* lesson, Install install) {
    watches().push_back({lesson, std::move(install)});
}

}  // namespace gradus::lessons

int main(int argc, char** argv) {
    try {
        std::map<std::string, std::string> answers;
        if (argc == 3 && std::string(argv[1]) == "equal") {
            fmt::print("{:.3g}\n", gradus::lessons::largest_difference(std::stol(argv[2])));
            return 0;
        }
        for (int i = 1; i < argc; ++i) {
            const std::string word = argv[i];
            const auto equals = word.find('=');
            if (equals == std::string::npos) throw std::invalid_argument(word + ": LESSON=ANSWER");
            answers[word.substr(0, equals)] = word.substr(equals + 1);
        }
        return gradus::lessons::blame(answers);
    } catch (const std::exception& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
        return 2;
    }
}
