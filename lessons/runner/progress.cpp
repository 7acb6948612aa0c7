// SPDX-License-Identifier: MIT
#include "lessons/runner/progress.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "lessons/runner/text.h"
#include "lessons/runner/tokens.h"
#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeading =
    "# Your progress in the course, kept by ./gradus: one line per lesson. Safe to copy.\n";

constexpr std::int64_t kAway = 600;  // seconds without a command: the learner was not there

// A number edited into something else counts as 0: progress is never lost over it.
int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::clamp(value, 0, 1'000'000);
}

// "03-matmul": the first word of every line about a lesson, also of one that we do not know.
bool is_lesson_name(const std::string& word) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto allowed = [&](char c) { return digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
    return word.size() > 3 && digit(word[0]) && digit(word[1]) && word[2] == '-' &&
           std::all_of(word.begin(), word.end(), allowed);
}

void add_to(std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

void read_into(Record& record, std::istringstream& words) {
    for (std::string word; words >> word;) {
        const std::size_t equals = std::min(word.find('='), word.size());
        const std::string key = word.substr(0, equals);
        const std::string value = word.substr(std::min(equals + 1, word.size()));
        if (key == "passed")
            record.passed = value;
        else if (key == "tries")
            record.tries = std::max(record.tries, number(value));
        else if (key == "hints")
            record.hints = std::max(record.hints, number(value));
        else if (key == "seconds")
            record.seconds = std::max(record.seconds, number(value));
        else if (key == "last")
            record.last = std::max(record.last, time_of_text(value));
        else if (key == "checked")
            record.checked = value;
        else if (key == "stop")
            record.stop = value;
        else if (word == "offered=yes")
            record.offered = true;
        else if (key == "met")
            for (const auto& name : words_of(value)) add_to(record.met, name);
        else if ((record.others + " ").find(" " + word + " ") == std::string::npos)
            record.others += " " + word;
    }
}

// Control characters and what is not ASCII would reach the terminal, and JSON.
std::string printable(std::string line) {
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

}  // namespace

Progress Progress::read(const std::string& path) {
    Progress progress;
    progress.path_ = path;
    if (!fs::exists(path)) return progress;
    std::istringstream in(read_file(path));
    for (std::string line; std::getline(in, line);) {
        while (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty() || line + "\n" == kHeading) continue;
        std::istringstream words(printable(line));
        std::string lesson;
        words >> lesson;
        if (is_lesson_name(lesson))
            read_into(progress.records_[lesson], words);
        else
            progress.notes_.push_back(line);
    }
    return progress;
}

void Progress::write() const {
    std::string text = kHeading;
    for (const auto& note : notes_) text += note + "\n";
    for (const auto& [lesson, record] : records_) {
        text += lesson;
        if (!record.passed.empty()) text += " passed=" + record.passed;
        text += fmt::format(" tries={} hints={}", record.tries, record.hints);
        if (!record.met.empty()) text += fmt::format(" met={}", fmt::join(record.met, ","));
        if (record.seconds > 0) text += fmt::format(" seconds={}", record.seconds);
        if (record.last > 0) text += " last=" + text_of_time(record.last);
        if (!record.checked.empty()) text += " checked=" + record.checked;
        if (!record.stop.empty()) text += " stop=" + record.stop;
        if (record.offered) text += " offered=yes";
        text += record.others + "\n";
    }
    write_file(path_, text);
}

const Record& Progress::of(const std::string& lesson) const {
    static const Record none;
    const auto found = records_.find(lesson);
    return found == records_.end() ? none : found->second;
}

void Progress::spend(const std::string& lesson, std::int64_t now) {
    std::int64_t before = 0;
    for (const auto& [name, record] : records_)
        if (record.last <= now) before = std::max(before, record.last);  // a clock may be set back
    Record& record = records_[lesson];
    if (record.passed.empty() && before > 0 && now - before <= kAway)
        record.seconds =
            static_cast<int>(std::min<std::int64_t>(record.seconds + now - before, 1'000'000));
    record.last = now;
}

std::int64_t unix_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string text_of_time(std::int64_t seconds) {
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::int64_t time_of_text(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    if (text.size() != kForm.size()) return 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return 0;
    }
    const auto part = [&](std::size_t at, std::size_t n) { return number(text.substr(at, n)); };
    const std::chrono::year_month_day date(std::chrono::year(part(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(part(8, 2))));
    if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 59) return 0;
    const auto time = std::chrono::sys_days(date) + std::chrono::hours(part(11, 2)) +
                      std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2));
    return std::max<std::int64_t>(time.time_since_epoch() / std::chrono::seconds(1), 0);
}

std::string hash_of(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        if (c == '\r') continue;
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return fmt::format("{:016x}", hash);
}

std::string hash_of_code(const std::string& text) {
    std::string code;
    for (const auto& token : tokens_of(text)) code += token + '\n';
    return hash_of(code);
}

bool Folder::exists() const {
    return fs::is_directory(path_);
}

LessonState Folder::state(const Lesson& lesson, const Progress& progress) const {
    if (!fs::exists(file(lesson))) return LessonState::not_begun;
    const std::string& passed = progress.of(lesson.name).passed;
    if (passed.empty()) return LessonState::unfinished;
    const std::string text = read_file(file(lesson));
    // Earlier versions recorded a pass with the hash of every byte.
    return hash_of_code(text) == passed || hash_of(text) == passed ? LessonState::passed
                                                                   : LessonState::changed;
}

bool Folder::begin(const Lesson& lesson) const {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error) throw FileError(path_, "cannot be made: " + error.message());
    if (fs::exists(file(lesson))) return false;
    write_file(file(lesson), read_file(lesson.path("stub.h")));
    return true;
}

std::string Folder::set_aside(const Lesson& lesson) const {
    if (!fs::exists(file(lesson))) return "";
    const std::string stem = path_ + "/" + lesson.file.substr(0, lesson.file.size() - 2);
    for (int n = 1;; ++n) {
        const std::string aside = fmt::format("{}.{}.h", stem, n);
        if (fs::exists(aside)) continue;
        fs::rename(file(lesson), aside);
        return aside;
    }
}

}  // namespace gradus::lessons
