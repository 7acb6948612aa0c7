// SPDX-License-Identifier: MIT
// Reads the table of slips and what became of them.
#include <fmt/core.h>

#include <filesystem>
#include <regex>
#include <set>

#include "lessons/runner/slips.h"
#include "lessons/runner/text.h"

namespace gradus::lessons {

std::vector<SlipRule> read_slip_rules(const std::string& path) {
    std::vector<SlipRule> rules;
    bool code = false;
    const auto wrong = [&](const std::string& what) { return LessonError(path, what); };
    for (const auto& line : lines_of(lesson_file(path))) {
        if (line.starts_with("```") && !code && !rules.empty()) {
            rules.back().edits.push_back({trimmed(line.substr(3)), "", ""});
            code = true;
        } else if (line.starts_with("```")) {
            code = false;
        } else if (code) {
            SlipEdit& edit = rules.back().edits.back();
            (edit.pattern.empty() ? edit.pattern : edit.replacement) = line;
        } else if (line.starts_with("## ")) {
            rules.push_back({trimmed(line.substr(3)), "", {}});
        } else if (!rules.empty() && !trimmed(line).empty()) {
            rules.back().sentence += (rules.back().sentence.empty() ? "" : " ") + trimmed(line);
        }
    }
    static const std::set<std::string> known = {"text",     "index",     "value",
                                                "left out", "exchanged", "outside"};
    for (const auto& rule : rules) {
        if (!rule.sentence.starts_with("Your {function}"))
            throw wrong(rule.name + ": the sentence begins with \"Your {function}\"");
        if (rule.edits.empty()) throw wrong(rule.name + ": changes nothing");
        for (const auto& edit : rule.edits) {
            if (known.count(edit.where) == 0)
                throw wrong(fmt::format("{}: unknown kind of edit \"{}\"", rule.name, edit.where));
            try {
                std::regex(edit.pattern);
            } catch (const std::regex_error&) {
                throw wrong(fmt::format("{}: no regular expression: {}", rule.name, edit.pattern));
            }
        }
    }
    return rules;
}

std::string to_text(const std::vector<SlipRecord>& records) {
    std::string text;
    for (const auto& record : records)
        text += record.id + " " + record.outcome +
                (record.outcome == "passes" ? ": "
                 : record.rest.empty()      ? ""
                                            : " ") +
                record.rest + "\n";
    return text;
}

std::vector<SlipRecord> read_slip_records(const Lesson& lesson) {
    const std::string path = lesson.path("slips.txt");
    std::vector<SlipRecord> records;
    if (!std::filesystem::exists(path)) return records;
    static const std::regex form(
        R"((\S+ \w+ \d+:\d+[a-z]?) (fails|crashes|late|passes|invalid):? ?(.*))");
    for (const auto& line : lines_of(lesson_file(path))) {
        std::smatch found;
        if (line.empty() || line[0] == '#') continue;
        if (!std::regex_match(line, found, form))
            throw LessonError(path, fmt::format("expected RULE FUNCTION LINE:COLUMN OUTCOME ...: "
                                                "{}",
                                                line));
        records.push_back({found[1], found[2], found[3]});
    }
    return records;
}

}  // namespace gradus::lessons
