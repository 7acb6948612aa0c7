// SPDX-License-Identifier: MIT
#include "lessons/runner/lesson.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lessons/runner/text.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

int whole_number(const std::string& path, const std::string& key, const std::string& value) {
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < 1)
        throw LessonError(path, fmt::format("{} is \"{}\", expected a number", key, value));
    return number;
}

void read_front_matter(Lesson& lesson) {
    const std::string path = lesson.path("README.md");
    const auto lines = lines_of(lesson_file(path));
    if (lines.empty() || lines[0] != "---") throw LessonError(path, "has no front matter (---)");
    std::size_t i = 1;
    for (; i < lines.size() && lines[i] != "---"; ++i) {
        const std::size_t colon = lines[i].find(':');
        if (colon == std::string::npos)
            throw LessonError(path, fmt::format("line {}: expected KEY: VALUE", i + 1));
        const std::string key = lines[i].substr(0, colon),
                          value = trimmed(lines[i].substr(colon + 1));
        if (key == "title")
            lesson.title = value;
        else if (key == "minutes")
            lesson.minutes = whole_number(path, key, value);
        else if (key == "reading")
            lesson.reading = whole_number(path, key, value);
        else if (key == "needs")
            lesson.needs = words_of(value);
        else if (key == "uses")
            lesson.uses = words_of(value);
        else if (key == "forbidden")
            lesson.forbidden = words_of(value);
        else if (key == "seconds")
            lesson.seconds = whole_number(path, key, value);
        else
            throw LessonError(path, fmt::format("line {}: unknown key \"{}\"", i + 1, key));
    }
    if (i == lines.size()) throw LessonError(path, "the front matter has no end (---)");
    if (lesson.title.empty()) throw LessonError(path, "has no title");
    if (lesson.minutes == 0) throw LessonError(path, "has no minutes");
    if (lesson.reading == 0) throw LessonError(path, "has no minutes of reading");
}

// PART(result, name, (arguments)): the names, in order.
void read_functions(Lesson& lesson) {
    for (const auto& line : lines_of(lesson_file(lesson.path("part.inc")))) {
        if (line.rfind("PART(", 0) != 0) continue;
        const std::size_t paren = line.find(", (");
        const std::size_t comma = line.rfind(',', paren - 1);
        if (paren == std::string::npos || comma == std::string::npos)
            throw LessonError(lesson.path("part.inc"), "cannot read: " + line);
        lesson.functions.push_back(trimmed(line.substr(comma + 1, paren - comma - 1)));
    }
}

struct Section {
    std::string title;
    std::vector<std::string> lines;
};

// The sections of a Markdown page under its "## " headings.
std::vector<Section> sections_of(const std::string& text) {
    std::vector<Section> sections;
    bool code = false;
    for (const auto& line : lines_of(text)) {
        if (line.rfind("```", 0) == 0) code = !code;
        if (!code && line.rfind("## ", 0) == 0)
            sections.push_back({trimmed(line.substr(3)), {}});
        else if (!sections.empty())
            sections.back().lines.push_back(line);
    }
    return sections;
}

void read_hints(Lesson& lesson) {
    for (const auto& section : sections_of(lesson_file(lesson.path("hints.md")))) {
        // The lines of a paragraph become one: it is wrapped when it is printed.
        std::string text;
        for (const auto& line : section.lines) {
            const bool joins = !text.empty() && text.back() != '\n' && !line.empty();
            text += line.empty() ? "\n\n" : (joins ? " " : "") + line;
        }
        lesson.hints.push_back(trimmed(text));
    }
}

Mutant read_mutant(const std::string& path, const Section& section) {
    Mutant mutant{section.title, "", {}};
    std::string sentence;
    bool code = false;
    for (const auto& line : section.lines) {
        if (line.rfind("```", 0) == 0) {
            code = !code;
            if (code) mutant.changes.emplace_back();
        } else if (!code) {
            sentence += line + "\n";
        } else if (line.empty() || line[0] == ' ') {
            const std::string context = (line.empty() ? "" : line.substr(1)) + "\n";
            mutant.changes.back().before += context;
            mutant.changes.back().after += context;
        } else if (line[0] == '-') {
            mutant.changes.back().before += line.substr(1) + "\n";
        } else if (line[0] == '+') {
            mutant.changes.back().after += line.substr(1) + "\n";
        } else {
            throw LessonError(path, fmt::format("{}: a line of a change begins with \"-\", \"+\" "
                                                "or a space: {}",
                                                mutant.name, line));
        }
    }
    for (const auto& line : lines_of(trimmed(sentence)))
        mutant.sentence += (mutant.sentence.empty() ? "" : " ") + line;
    if (mutant.sentence.empty()) throw LessonError(path, mutant.name + ": has no sentence");
    if (mutant.changes.empty()) throw LessonError(path, mutant.name + ": changes nothing");
    return mutant;
}

}  // namespace

std::string lesson_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw LessonError(path, "is missing");
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string Lesson::path(std::string_view file_name) const {
    return folder + "/" + std::string(file_name);
}

const Mutant* Lesson::mutant(std::string_view wanted) const {
    for (const auto& candidate : mutants)
        if (candidate.name == wanted) return &candidate;
    return nullptr;
}

Lesson read_lesson(const std::string& folder) {
    Lesson lesson;
    lesson.folder = folder;
    lesson.name = fs::path(folder).filename().string();
    lesson.number = lesson.name.substr(0, 2);
    lesson.file = lesson.name + ".h";
    std::replace(lesson.file.begin(), lesson.file.end(), '-', '_');
    read_front_matter(lesson);
    read_functions(lesson);
    read_hints(lesson);
    const auto read_list = [&](const char* file, std::vector<Mutant>& list) {
        const std::string path = lesson.path(file);
        if (!fs::exists(path)) return;
        for (const auto& section : sections_of(lesson_file(path)))
            list.push_back(read_mutant(path, section));
    };
    read_list("mutants.md", lesson.mutants);
    read_list("neighbours.md", lesson.neighbours);
    for (auto& neighbour : lesson.neighbours) neighbour.name = "near-" + neighbour.name;
    return lesson;
}

std::vector<Lesson> read_lessons(const std::string& lessons_folder) {
    std::vector<std::string> folders;
    for (const auto& entry : fs::directory_iterator(lessons_folder)) {
        const std::string name = entry.path().filename().string();
        const auto digit = [](char c) { return c >= '0' && c <= '9'; };
        if (name.size() > 3 && digit(name[0]) && digit(name[1]) && name[2] == '-')
            folders.push_back(entry.path().string());
    }
    std::sort(folders.begin(), folders.end());
    std::vector<Lesson> lessons;
    for (const auto& folder : folders) lessons.push_back(read_lesson(folder));
    return lessons;
}

std::string mutated(const Lesson& lesson, const Mutant& mutant) {
    std::string text = lesson_file(lesson.path("solution.h"));
    const bool is_neighbour = lesson.mutant(mutant.name) == nullptr;
    for (const auto& change : mutant.changes) {
        const std::size_t at = text.find(change.before);
        const auto wrong = [&](const char* how) {
            return LessonError(lesson.path(is_neighbour ? "neighbours.md" : "mutants.md"),
                               fmt::format("{}: these lines occur {} in solution.h:\n{}",
                                           mutant.name, how, change.before));
        };
        if (change.before.empty() || at == std::string::npos) throw wrong("nowhere");
        if (text.find(change.before, at + 1) != std::string::npos) throw wrong("more than once");
        text.replace(at, change.before.size(), change.after);
    }
    return text;
}

std::string lesson_text(const Lesson& lesson) {
    const std::string text = lesson_file(lesson.path("README.md"));
    const std::size_t end = text.find("\n---\n", 3);
    return end == std::string::npos ? text : text.substr(end + 5);
}

}  // namespace gradus::lessons
