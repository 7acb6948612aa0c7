// SPDX-License-Identifier: MIT
// ./gradus receipt: checks a receipt, says what it says, and repeats the run's beginning.
#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lessons/mine/receipt.h"
#include "lessons/runner/challenges.h"
#include "lessons/runner/mine.h"
#include "lessons/runner/process.h"
#include "lessons/runner/text.h"
#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus::lessons {

int receipt_command(const Course& course, const std::string& path, bool replay,
                    const TerminalStyle& style) {
    const auto lines = unchained(read_file(path), path);
    const auto say = [&](const std::string& words) { fmt::print("{}\n", fitted(words, style)); };
    for (const char* word : {"made", "name", "data", "model", "steps", "checked", "speed"})
        for (const auto& rest : about(lines, word)) say(fmt::format("{} {}", word, rest));
    fmt::print("\n");
    for (const auto& [word, title] :
         {std::pair("yours", "You wrote, and it called:"),
          std::pair("built-in", "Built in, and called:"),
          std::pair("unused", "You wrote, but this run had no use for:")}) {
        const auto list = about(lines, word);
        if (list.empty()) continue;
        say(title);
        for (const auto& line : list) fmt::print("  {}\n", line);
        fmt::print("\n");
    }
    if (const auto sentences = judged(lines); !sentences.empty()) {
        say("Challenges (./gradus built):");
        for (const auto& sentence : sentences) say("  " + sentence);
        fmt::print("\n");
    }
    say(fmt::format("All {} lines are as they were written.", lines.size()));
    if (!replay) return 0;
    const auto losses = about(lines, "loss");
    if (losses.empty())
        throw FileError(path, "has no losses of first steps to repeat: the run was a resumed one");

    std::vector<std::string> command = {"", "--replay"};
    try {
        const auto arguments = nlohmann::json::parse(about(lines, "arguments").at(0));
        for (const auto& word : arguments.get<std::vector<std::string>>())
            if (word == "--my-matmul")
                command.insert(command.begin() + 1, word);
            else
                command.push_back(word);
    } catch (const std::exception&) {
        throw FileError(path, "does not say how the run was started");
    }
    const Progress progress = course.folder.progress();
    std::string other;  // files that the run here would not have
    for (const auto& lesson : course.lessons)
        for (const auto& file : about(lines, "file"))
            if (file.starts_with(lesson.file + " ") &&
                (course.folder.state(lesson, progress) != LessonState::passed ||
                 file != lesson.file + " " + hash_of_code(read_file(course.folder.file(lesson)))))
                other += (other.empty() ? "" : ", ") + lesson.file;
    if (!other.empty()) {
        say(fmt::format(
            "It cannot be repeated here: in {} these are not the files of that run, or have "
            "not passed: {}.",
            course.folder.path(), other));
        return 1;
    }
    command[0] = build_mine(course);
    if (::isatty(2)) fmt::print(stderr, "gradus: repeating its first steps (half a minute) ...\n");
    const ProcessResult ran = run(command, {.processor_seconds = 3600, .seconds = 3600});
    std::vector<std::string> again;
    std::istringstream in(ran.out);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("replayed ")) again.push_back(line.substr(9));
    if (again.empty())
        throw std::invalid_argument("the run could not be repeated: " +
                                    (ran.err.empty() ? ran.out : ran.err).substr(0, 300));
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const std::string now = i < again.size() ? again[i] : "nothing";
        if (now == losses[i]) continue;
        say(fmt::format("Step {} gave the loss {}, and now gives {}.", i + 1, losses[i], now));
        return 1;
    }
    say(fmt::format("Repeated: the first {} losses are the same, to the last bit.", losses.size()));
    return 0;
}

}  // namespace gradus::lessons
