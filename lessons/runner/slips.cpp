// SPDX-License-Identifier: MIT
#include "lessons/runner/slips.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "lessons/runner/text.h"

namespace gradus::lessons {
namespace {

using CodeLines = std::vector<std::string>;

// A function, struct or constant of namespace mine.
struct Definition {
    std::string name;
    std::size_t first = 0;  // number of its first line in solution.h, from 1
    CodeLines lines;

    std::string text() const { return joined(lines); }
    static std::string joined(const CodeLines& lines) {
        std::string text;
        for (const auto& line : lines) text += line + "\n";
        return text;
    }
};

std::size_t indent_of(const std::string& line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

bool is_code(const std::string& line) {
    const std::string code = trimmed(line);
    return !code.empty() && !code.starts_with("//");
}

std::vector<Definition> blocks_of(const Lesson& lesson) {
    static const std::regex structure(R"(^struct (\w+))"), called(R"((\w+)\()"),
        constant(R"((\w+) = )");
    std::vector<Definition> blocks;
    const CodeLines lines = lines_of(lesson_file(lesson.path("solution.h")));
    bool inside = false;
    int depth = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        if (line.starts_with("namespace mine")) inside = true;
        if (line.starts_with("}  // namespace mine")) break;
        if (!inside || line.starts_with("namespace mine")) continue;
        if (depth == 0 && !is_code(line)) continue;
        if (depth == 0 && (blocks.empty() || !blocks.back().name.empty())) {
            blocks.push_back({"", i + 1, {}});
        }
        Definition& block = blocks.back();
        block.lines.push_back(line);
        for (const char c : is_code(line) ? line : std::string())
            depth += (c == '{' || c == '(') - (c == '}' || c == ')');
        if (depth != 0 || !(line.ends_with("}") || line.ends_with(";"))) continue;
        std::smatch found;
        const std::string text = block.text();
        if (std::regex_search(text, found, structure) || std::regex_search(text, found, called) ||
            std::regex_search(text, found, constant))
            block.name = found[1];
    }
    return blocks;
}

struct CodeParameter {
    std::string type, name;
};

std::vector<CodeParameter> parameters_of(const Definition& block) {
    std::string text;
    for (const auto& line : block.lines) {
        text += " " + trimmed(line);
        if (line.find('{') != std::string::npos) break;
    }
    static const std::regex parameter(R"([(,] ?((?:const )?[\w:<>]+[*&]?[*&]?) (\w+)(?=[,)]))");
    std::vector<CodeParameter> all;
    for (std::sregex_iterator i(text.begin(), text.end(), parameter), end; i != end; ++i)
        all.push_back({(*i)[1], (*i)[2]});
    return all;
}

// The sentence for a place: {function}, and {1} or {1|other words}, the name found there if it is
// one of the function's parameters, which the learner knows by that name too.
std::string sentence_of(const SlipRule& rule, const Definition& block, const std::smatch* found) {
    static const std::regex braces(R"(\{(\d)\|([^}]*)\})"), name(R"(^\w+)");
    std::string text = rule.sentence, out;
    for (std::smatch part; std::regex_search(text, part, braces); text = part.suffix()) {
        out += part.prefix();
        const std::size_t group = part[1].str()[0] - '0';
        std::string word = found != nullptr && group < found->size() ? (*found)[group].str() : "";
        std::smatch start;
        word = std::regex_search(word, start, name) ? start[0].str() : "";
        bool known = false;
        for (const auto& parameter : parameters_of(block)) known = known || parameter.name == word;
        out += known ? "`" + word + "`" : part[2].str();
    }
    out += text;
    for (std::size_t at; (at = out.find("{function}")) != std::string::npos;)
        out.replace(at, 10, block.name);
    return out;
}

// How many brackets [ are open at each character.
std::vector<int> brackets_of(const std::string& line) {
    std::vector<int> open(line.size() + 1, 0);
    for (std::size_t i = 0; i < line.size(); ++i)
        open[i + 1] = open[i] + (line[i] == '[') - (line[i] == ']');
    return open;
}

// Whether the line is a whole statement, and nothing but that, at a place where one may stand.
bool is_statement(const CodeLines& lines, std::size_t at) {
    const std::string code = trimmed(lines[at]);
    if (at == 0 || !code.ends_with(";") || code[0] == '}' || code.starts_with("return"))
        return false;
    for (std::size_t before = at; before-- > 0;) {
        if (!is_code(lines[before])) continue;
        const char last = lines[before].back();
        return last == '{' || last == '}' || last == ';';
    }
    return false;
}

class Slips {
 public:
    explicit Slips(const Lesson& lesson) : blocks_(blocks_of(lesson)) {}

    std::vector<Slip> all(const std::vector<SlipRule>& rules) {
        for (std::size_t b = 0; b < blocks_.size(); ++b)
            for (std::size_t at = 0; at < blocks_[b].lines.size(); ++at)
                if (is_code(blocks_[b].lines[at]) && !is_signature(blocks_[b], at))
                    for (const auto& rule : rules)
                        for (const auto& edit : rule.edits) apply(rule, edit, b, at);
        return slips_;
    }

 private:
    static bool is_signature(const Definition& block, std::size_t at) {
        for (std::size_t i = 0; i <= at; ++i)
            if (block.lines[i].find('{') != std::string::npos)
                return i == at && block.lines[0].find("struct") != 0;
        return true;
    }

    void add(const SlipRule& rule, std::size_t b, std::size_t at, std::size_t column,
             const std::smatch* found, const CodeLines& lines, const std::string& changed) {
        if (lines == blocks_[b].lines) return;
        Slip slip{rule.name,        blocks_[b].name,    "", sentence_of(rule, blocks_[b], found),
                  trimmed(changed), functions(b, lines)};
        // The same code by another edit of the same rule, or by another rule that comes first.
        for (const auto& other : slips_)
            if (other.functions == slip.functions) return;
        const std::string place = fmt::format("{}:{}", blocks_[b].first + at, column + 1);
        slip.place = place;
        for (char letter = 'b'; ids_.count(slip.id()) != 0; ++letter) slip.place = place + letter;
        ids_.insert(slip.id());
        slips_.push_back(slip);
    }

    // The changed block, and all later ones that use it, directly or through another.
    std::string functions(std::size_t b, const CodeLines& lines) const {
        std::string text = Definition::joined(lines);
        std::vector<std::string> names = {blocks_[b].name};
        for (std::size_t later = b + 1; later < blocks_.size(); ++later) {
            const std::string other = blocks_[later].text();
            const bool uses = std::any_of(names.begin(), names.end(), [&](const auto& name) {
                return std::regex_search(other, std::regex("\\b" + name + "\\b"));
            });
            if (!uses) continue;
            text += other;
            names.push_back(blocks_[later].name);
        }
        return text;
    }

    void apply(const SlipRule& rule, const SlipEdit& edit, std::size_t b, std::size_t at) {
        const CodeLines& lines = blocks_[b].lines;
        const std::string& line = lines[at];
        const std::regex& pattern = patterns_.try_emplace(&edit, edit.pattern).first->second;
        if (edit.where != "text" && edit.where != "index" && edit.where != "value")
            return move(rule, edit, pattern, b, at);
        // A pointer is a place, not a value.
        static const std::regex pointer(R"(\* \w+ = )");
        if (edit.where == "value" && std::regex_search(line, pointer)) return;
        const auto open = brackets_of(line);
        for (std::sregex_iterator i(line.begin(), line.end(), pattern), end; i != end; ++i) {
            const std::smatch& found = *i;
            const auto column = static_cast<std::size_t>(found.position());
            if (edit.where == "index" && open[column + 1] == 0) continue;
            if (edit.where == "value" && open[column + 1] != 0) continue;
            for (const auto& replacement : replacements(edit.replacement, b, found)) {
                CodeLines now = lines;
                now[at] = line.substr(0, column) + found.format(replacement) +
                          line.substr(column + static_cast<std::size_t>(found.length()));
                add(rule, b, at, column, &found, now, now[at]);
            }
        }
    }

    // @Index and @array: every other parameter of the type of the one found there.
    std::vector<std::string> replacements(const std::string& text, std::size_t b,
                                          const std::smatch& found) const {
        static const std::regex wild(R"(@(\d))");
        std::smatch at;
        if (!std::regex_search(text, at, wild)) return {text};
        const std::size_t group = at[1].str()[0] - '0';
        const std::string name = found[group];
        const auto parameters = parameters_of(blocks_[b]);
        const auto self = std::find_if(parameters.begin(), parameters.end(),
                                       [&](const auto& p) { return p.name == name; });
        std::vector<std::string> all;
        if (self == parameters.end()) return all;
        const auto plain = [](std::string type) {
            return type.starts_with("const ") ? type.substr(6) : type;
        };
        for (const auto& other : parameters)
            if (other.name != name && plain(other.type) == plain(self->type))
                all.push_back(at.prefix().str() + other.name + at.suffix().str());
        return all;
    }

    // Whole statements: left out, exchanged with the next, or in front of the loop around them.
    void move(const SlipRule& rule, const SlipEdit& edit, const std::regex& pattern, std::size_t b,
              std::size_t at) {
        CodeLines lines = blocks_[b].lines;
        std::smatch found;
        const std::string line = lines[at];
        if (!is_statement(lines, at) || !std::regex_search(line, found, pattern)) return;
        if (edit.where == "left out") {
            lines[at] = "";
        } else if (edit.where == "exchanged") {
            if (at + 1 >= lines.size() || !is_statement(lines, at + 1) ||
                indent_of(lines[at]) != indent_of(lines[at + 1]))
                return;
            std::swap(lines[at], lines[at + 1]);
        } else {
            std::size_t loop = at;
            while (loop > 0 && !(is_code(lines[loop]) && indent_of(lines[loop]) < indent_of(line)))
                --loop;
            if (!trimmed(lines[loop]).starts_with("for")) return;
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(loop), line);
        }
        add(rule, b, at, indent_of(line), &found, lines, edit.where + ": " + line);
    }

    std::vector<Definition> blocks_;
    std::vector<Slip> slips_;
    std::set<std::string> ids_;
    std::map<const SlipEdit*, std::regex> patterns_;  // compiled once, which is most of the time
};

}  // namespace

std::vector<Slip> slips_of(const Lesson& lesson, const std::vector<SlipRule>& rules) {
    return Slips(lesson).all(rules);
}

std::vector<Slip> slips_of(const Lesson& lesson) {
    const auto folder = std::filesystem::path(lesson.folder).parent_path();
    return slips_of(lesson, read_slip_rules((folder / "slips.md").string()));
}

std::string slips_unit(const Lesson& lesson, const std::vector<Slip>& slips) {
    const auto answer = [](const std::string& name, std::size_t number, const std::string& text) {
        return fmt::format(
            "\n#define mine slip_{}\n#define GRADUS_ANSWER_NAME \"{}\"\n#line 1 "
            "\"{}\"\n{}#include "
            "\"lessons/check/enter_mine.inc\"\n#undef GRADUS_ANSWER_NAME\n#undef mine\n",
            number, name, name, text);
    };
    std::string solution;
    for (const auto& line : lines_of(lesson_file(lesson.path("solution.h"))))
        solution += (line == "#pragma once" ? "" : line) + "\n";
    std::string out = "#include \"lessons/check/part.h\"\n" + answer("slip", 0, solution);
    for (std::size_t i = 0; i < slips.size(); ++i)
        out += answer("slip " + slips[i].id(), i + 1,
                      "namespace mine { using namespace slip_0;\n#line 1 \"slip " + slips[i].id() +
                          "\"\n" + slips[i].functions + "}\n");
    return out;
}

}  // namespace gradus::lessons
