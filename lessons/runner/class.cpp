// SPDX-License-Identifier: MIT
// ./gradus class DIR: how far everybody has got. DIR holds each learner's progress.txt, as NAME.txt
// or NAME/progress.txt (or NAME/my-gpt/progress.txt). Only reads, never writes.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lessons/runner/commands.h"
#include "nn/terminal/printable.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

struct Learner {
    std::string name;
    Progress progress;
};

std::vector<Learner> learners_in(const std::string& folder) {
    require(fs::is_directory(folder), "class: {} is not a folder", folder);
    std::vector<Learner> all;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path path = entry.path();
        for (const fs::path& file :
             {path, path / "progress.txt", path / "my-gpt" / "progress.txt"}) {
            if (!fs::is_regular_file(file) || file.extension() != ".txt") continue;
            all.push_back({path.stem().string(), Progress::read(file.string())});
            break;
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    require(!all.empty(), "class: {} holds no NAME.txt and no NAME/progress.txt", folder);
    return all;
}

// A cell: "ok 4+1" is passed after 4 tries and with 1 hint, "3" is three tries so far.
std::string cell(const Record& record) {
    if (record.tries == 0 && record.passed.empty() && record.last == 0) return ".";
    std::string text = record.passed.empty() ? "" : "ok ";
    text += std::to_string(record.tries);
    if (record.hints > 0) text += fmt::format("+{}", record.hints);
    return text;
}

// The mutant that most learners have met in a lesson, and how many have; "" if none was met.
std::pair<std::string, int> most_met(const std::vector<Learner>& learners, const Lesson& lesson) {
    std::map<std::string, int> counts;
    for (const auto& learner : learners)
        for (const auto& name : learner.progress.of(lesson.name).met) ++counts[name];
    std::pair<std::string, int> most{"", 0};
    for (const auto& [name, count] : counts)
        if (count > most.second) most = {name, count};
    return most;
}

// Where a learner stops: the lesson that failed last and has never passed.
struct Stop {
    std::string lesson, place, mistake;  // "04-value", "mul", "mul-ignores-dy"; lesson "": nowhere
    std::int64_t last = 0;
};

Stop stop_of(const Learner& learner) {
    Stop stop;
    for (const auto& [lesson, record] : learner.progress.all()) {
        // What earlier versions wrote has no place and no time: then it is the last such lesson.
        if (!record.passed.empty() || (record.stop.empty() && record.tries == 0)) continue;
        if (!stop.lesson.empty() && record.last < stop.last) continue;
        const std::size_t slash = std::min(record.stop.find('/'), record.stop.size());
        stop = {lesson, record.stop.substr(0, slash),
                record.stop.substr(std::min(slash + 1, record.stop.size())), record.last};
    }
    return stop;
}

// "04 mul: mul-ignores-dy (2026-11-28)".
std::string described(const Stop& stop) {
    if (stop.lesson.empty()) return "-";
    std::string text = stop.lesson.substr(0, 2);
    if (!stop.place.empty()) text += " " + stop.place;
    if (!stop.mistake.empty()) text += ": " + stop.mistake;
    if (stop.last > 0) text += " (" + text_of_time(stop.last).substr(0, 10) + ")";
    return for_output(text);
}

// The place where most of those stop who stop in this lesson: how many do, and where, and how many
// of them there.
struct Stops {
    int all = 0, most = 0;
    std::string place;
};

Stops stops_in(const std::vector<Learner>& learners, const Lesson& lesson) {
    Stops stops;
    std::map<std::string, int> counts;
    for (const auto& learner : learners) {
        const Stop stop = stop_of(learner);
        if (stop.lesson != lesson.name) continue;
        ++stops.all;
        if (!stop.place.empty()) ++counts[stop.place];
    }
    for (const auto& [place, count] : counts)
        if (count > stops.most) stops.most = count, stops.place = place;
    return stops;
}

// How long those who have passed a lesson took, in minutes: the middle one of them; 0: unknown.
int median_minutes(const std::vector<Learner>& learners, const Lesson& lesson) {
    std::vector<int> seconds;
    for (const auto& learner : learners) {
        const Record& record = learner.progress.of(lesson.name);
        if (!record.passed.empty() && record.seconds > 0) seconds.push_back(record.seconds);
    }
    if (seconds.empty()) return 0;
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return (*middle + 30) / 60;
}

std::string padded(const std::string& text, int columns) {
    std::string out(fit_width(text, columns));
    return out + std::string(static_cast<std::size_t>(columns - display_width(out)), ' ');
}

}  // namespace

int class_command(const Course& course, const std::string& folder, bool json,
                  const TerminalStyle& style) {
    auto learners = learners_in(folder);
    if (!json)  // names of files and of mistakes, as the learners sent them
        for (auto& learner : learners) learner.name = for_output(learner.name);
    nlohmann::json list = nlohmann::json::array(), lessons = nlohmann::json::array();
    int widest = 4;
    for (const auto& learner : learners) widest = std::max(widest, display_width(learner.name));
    widest = std::min(widest, 16);

    // As many lessons side by side as fit, then the next block.
    const int columns = std::max(1, (style.columns - 1 - widest) / 8);
    std::string text;
    for (std::size_t from = 0; from < course.lessons.size();
         from += static_cast<std::size_t>(columns)) {
        const std::size_t to =
            std::min(course.lessons.size(), from + static_cast<std::size_t>(columns));
        std::string head = padded("", widest);
        for (std::size_t i = from; i < to; ++i) head += "  " + padded(course.lessons[i].number, 6);
        text += head.substr(0, head.find_last_not_of(' ') + 1) + "\n";
        for (const auto& learner : learners) {
            std::string row = padded(learner.name, widest);
            for (std::size_t i = from; i < to; ++i)
                row += "  " + padded(cell(learner.progress.of(course.lessons[i].name)), 6);
            text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
        }
        text += "\n";
    }
    text += fitted("ok: passed; then tries+hints; a dot: not begun.", style) + "\n\n";
    text += padded("", widest) + "  where they stop\n";
    for (const auto& learner : learners)
        text += fitted(padded(learner.name, widest) + "  " + described(stop_of(learner)), style,
                       widest + 2) +
                "\n";

    for (const auto& lesson : course.lessons) {
        int passed = 0, tries = 0, hints = 0;
        for (const auto& learner : learners) {
            const Record& record = learner.progress.of(lesson.name);
            passed += !record.passed.empty(), tries += record.tries, hints += record.hints;
        }
        const auto [met, count] = most_met(learners, lesson);
        const Stops stops = stops_in(learners, lesson);
        const int minutes = median_minutes(learners, lesson);
        lessons.push_back({{"lesson", lesson.name},
                           {"passed", passed},
                           {"tries", tries},
                           {"hints", hints},
                           {"most_met", met},
                           {"most_met_by", count},
                           {"stop_here", stops.all},
                           {"most_stop_at", stops.place},
                           {"most_stop_by", stops.most},
                           {"median_minutes", minutes}});
        std::string line;
        if (minutes > 0)
            line += fmt::format(" {} of {} passed, the median in {} minutes; the usual is {}.",
                                passed, learners.size(), minutes, lesson.minutes);
        if (stops.all > 0) line += fmt::format(" {} of {} stop here", stops.all, learners.size());
        if (stops.most > 0)
            line += fmt::format(", {} of them at {}", stops.most, for_output(stops.place));
        if (stops.all > 0) line += ".";
        if (count > 0)
            line += fmt::format(" {} of {} met \"{}\". {}", count, learners.size(), for_output(met),
                                lesson.mutant(met) ? lesson.mutant(met)->sentence : "");
        if (!line.empty()) text += "\n" + fitted(lesson.number + ":" + line, style, 4) + "\n";
    }
    if (!json) {
        fmt::print("{}", text);
        return 0;
    }
    for (const auto& learner : learners) {
        nlohmann::json records = nlohmann::json::object();
        for (const auto& [lesson, record] : learner.progress.all())
            records[lesson] = {{"passed", !record.passed.empty()},
                               {"tries", record.tries},
                               {"hints", record.hints},
                               {"seconds", record.seconds},
                               {"met", record.met}};
        const Stop stop = stop_of(learner);
        list.push_back({{"name", learner.name},
                        {"lessons", records},
                        {"stop",
                         {{"lesson", stop.lesson},
                          {"function", stop.place},
                          {"misconception", stop.mistake},
                          {"last", stop.last > 0 ? text_of_time(stop.last) : ""}}}});
    }
    fmt::print("{}\n", nlohmann::json({{"version", 1}, {"learners", list}, {"lessons", lessons}})
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
}

}  // namespace gradus::lessons
