// SPDX-License-Identifier: MIT
// The project uses the field's terms: tests/words.txt lists the phrases that must not occur and
// those that must, and explains its format.
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "nn/files/atomic_file.h"
#include "tests/text.h"

using namespace gradus;

namespace {

namespace fs = std::filesystem;

const fs::path kTree = GRADUS_SOURCE_DIR;

struct Word {
    std::string text, lower;  // both empty: the end of a sentence or of a clause
    int line = 0;
};

// Splits code or prose into words. "ops.inc" and "micro-batch" are two words with nothing between
// them; a full stop ends a sentence only before a blank or a quote.
std::vector<Word> words_of(const std::string& text) {
    std::vector<Word> words;
    int line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto letter = [&](std::size_t at) {
            return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) ||
                                        (text[at] == '\'' && at > 0 && std::isalpha(text[at - 1])));
        };
        if (letter(i)) {
            Word word{"", "", line};
            for (; letter(i); ++i) {
                word.text += text[i];
                word.lower += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
            }
            words.push_back(word);
            if (i == text.size()) break;
        }
        const bool stop = text[i] == '.' && (i + 1 == text.size() || std::isspace(text[i + 1]) ||
                                             text[i + 1] == '"' || text[i + 1] == '\\');
        const bool mark = std::string(",;:!?(){}[]").find(text[i]) != std::string::npos;
        if (stop || mark || static_cast<unsigned char>(text[i]) >= 0x80) words.push_back({});
        line += text[i] == '\n';
    }
    return words;
}

// "know|knows nothing": for each position, the words that fit it.
class Phrase {
 public:
    explicit Phrase(const std::string& text) : text_(text) {
        std::string blanks = text;
        for (char& c : blanks) c = c == '-' || c == '_' ? ' ' : c;
        std::istringstream words(blanks);
        for (std::string word; words >> word;) {
            places_.emplace_back();
            std::istringstream choices(word);
            for (std::string choice; std::getline(choices, choice, '|');)
                places_.back().push_back(choice);
        }
        for (const char c : text) capitals_ |= std::isupper(static_cast<unsigned char>(c)) != 0;
    }

    std::size_t size() const { return places_.size(); }
    const std::string& text() const { return text_; }

    bool stands_at(const std::vector<Word>& words, std::size_t at) const {
        if (at + size() > words.size()) return false;
        for (std::size_t i = 0; i < size(); ++i) {
            const Word& word = words[at + i];
            const std::string& spelling = capitals_ ? word.text : word.lower;
            const bool fits =
                std::any_of(places_[i].begin(), places_[i].end(), [&](const std::string& choice) {
                    if (!choice.ends_with('*')) return spelling == choice;
                    return !spelling.empty() &&
                           spelling.starts_with(choice.substr(0, choice.size() - 1));
                });
            if (word.text.empty() || !fits) return false;
        }
        return true;
    }

 private:
    std::string text_;
    std::vector<std::vector<std::string>> places_;
    bool capitals_ = false;
};

struct Rule {
    int line = 0;  // in words.txt
    Phrase phrase;
    std::string instead;
    std::vector<Phrase> fine = {};
    std::vector<std::string> in = {};
    std::map<std::string, int> open = {};

    // The lines on which it is broken.
    std::vector<int> broken(const std::vector<Word>& words) const {
        std::vector<int> lines;
        for (std::size_t at = 0; at < words.size(); ++at) {
            if (!phrase.stands_at(words, at)) continue;
            const bool excused = std::any_of(fine.begin(), fine.end(), [&](const Phrase& wide) {
                for (std::size_t before = 0; before <= at && before < wide.size(); ++before)
                    if (before + phrase.size() <= wide.size() && wide.stands_at(words, at - before))
                        return true;
                return false;
            });
            if (!excused) lines.push_back(words[at].line);
        }
        return lines;
    }
    bool excuses(const std::string& file) const {
        return std::any_of(in.begin(), in.end(),
                           [&](const std::string& start) { return file.starts_with(start); });
    }
};

struct List {
    std::vector<Rule> rules;
    std::vector<Phrase> find, soon;
};

List read_list(const std::string& text) {
    List list;
    const std::vector<std::string> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty() || lines[i][0] == '#') continue;
        CAPTURE(lines[i]);
        const std::string kind = lines[i].substr(0, lines[i].find(' '));
        const std::size_t begin = lines[i].find_first_not_of(' ', kind.size());
        REQUIRE(begin != std::string::npos);
        const std::size_t colon = lines[i].find(" : ");
        const bool has_reason = colon != std::string::npos;
        const std::string what = lines[i].substr(begin, colon - begin);
        const std::string reason = has_reason ? lines[i].substr(colon + 3) : "";
        CHECK(has_reason == (kind == "not" || kind == "fine" || kind == "in"));
        if (kind == "not") {
            list.rules.push_back({static_cast<int>(i) + 1, Phrase(what), reason});
        } else if (kind == "find" || kind == "soon") {
            (kind == "find" ? list.find : list.soon).emplace_back(what);
        } else {
            REQUIRE_FALSE(list.rules.empty());
            Rule& rule = list.rules.back();
            if (kind == "fine") {
                rule.fine.emplace_back(what);
            } else if (kind == "in") {
                CHECK(fs::exists(kTree / what));
                rule.in.push_back(what);
            } else {
                REQUIRE(kind == "open");
                const std::size_t blank = what.rfind(' ');
                rule.open[what.substr(0, blank)] = std::stoi(what.substr(blank + 1));
            }
        }
    }
    return list;
}

// Code, help, errors and the pages beside the lessons, by their paths from the root; without the
// list and its test, which have to name what they forbid.
std::map<std::string, std::vector<Word>> texts() {
    std::map<std::string, std::vector<Word>> all;
    for (const auto& entry : fs::recursive_directory_iterator(kTree)) {
        const std::string name = fs::relative(entry.path(), kTree).generic_string();
        const std::string room = name.substr(0, name.find('/'));
        const auto end = entry.path().extension();
        const bool known = room == "tensor" || room == "autograd" || room == "nn" ||
                           room == "examples" || room == "tests" || room == "bench" ||
                           room == "lessons" || name == room;
        const bool lesson = room == "lessons" && name.size() > 8 &&
                            std::isdigit(static_cast<unsigned char>(name[8]));
        const bool text = end == ".h" || end == ".cpp" || end == ".inc" || end == ".md" ||
                          entry.path().filename() == "CMakeLists.txt" || name == "gradus";
        if (!known || lesson || !text || !entry.is_regular_file() ||
            name.starts_with("tests/words"))
            continue;
        all[name] = words_of(read_file(entry.path().string()));
    }
    return all;
}

// Whether a phrase occurs anywhere in the library or its programs.
bool stands(const Phrase& phrase, const std::map<std::string, std::vector<Word>>& all) {
    return std::any_of(all.begin(), all.end(), [&](const auto& file) {
        const std::string room = file.first.substr(0, file.first.find('/'));
        if (room != "tensor" && room != "autograd" && room != "nn" && room != "examples")
            return false;
        for (std::size_t at = 0; at < file.second.size(); ++at)
            if (phrase.stands_at(file.second, at)) return true;
        return false;
    });
}

// words.txt with its lines `open` and `soon` brought up to date.
std::string updated(const std::string& text, const List& list,
                    const std::map<std::string, std::vector<Word>>& all) {
    std::string out;
    const std::vector<std::string> lines = lines_of(text);
    auto rule = list.rules.begin();
    const Rule* last = nullptr;
    const auto add_open = [&] {
        if (last == nullptr) return;
        for (const auto& [name, words] : all)
            if (const auto n = last->broken(words).size(); n > 0 && !last->excuses(name))
                out += "open " + name + " " + std::to_string(n) + "\n";
        last = nullptr;
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].starts_with("open ")) continue;
        if (!lines[i].starts_with("fine ") && !lines[i].starts_with("in ")) add_open();
        if (rule != list.rules.end() && rule->line == static_cast<int>(i) + 1) last = &*rule++;
        const bool here = lines[i].starts_with("soon ") && stands(Phrase(lines[i].substr(5)), all);
        out += (here ? "find" + lines[i].substr(4) : lines[i]) + "\n";
    }
    add_open();
    return out;
}

}  // namespace

TEST_CASE("words are the field's: none of those that tests/words.txt rules out") {
    const std::string path = kTree / "tests/words.txt";
    const std::string text = read_file(path);
    const List list = read_list(text);
    CHECK(list.rules.size() > 20);
    const auto all = texts();
    CHECK(all.size() > 300);
    if (const char* mode = std::getenv("GRADUS_WORDS"); mode && std::string(mode) == "update") {
        write_file(path, updated(text, list, all));
        return;
    }
    for (const Rule& rule : list.rules) {
        for (const auto& [name, words] : all) {
            if (rule.excuses(name)) continue;
            const std::vector<int> lines = rule.broken(words);
            const auto open = rule.open.find(name);
            const auto allowed = open == rule.open.end() ? 0 : open->second;
            if (static_cast<int>(lines.size()) > allowed)
                for (const int line : lines)
                    FAIL_CHECK(name << ":" << line << ": \"" << rule.phrase.text() << "\": use "
                                    << rule.instead << " (tests/words.txt:" << rule.line << ")");
            if (lines.empty() && allowed > 0)
                FAIL_CHECK("tests/words.txt: delete the line \"open "
                           << name << "\" of \"" << rule.phrase.text() << "\"");
        }
        for (const auto& open : rule.open) {
            CAPTURE(open.first);
            CHECK(all.count(open.first) == 1);  // otherwise the line `open` names no file
        }
    }
}

TEST_CASE("words that a reader of papers looks for are found in the code") {
    const List list = read_list(read_file(kTree / "tests/words.txt"));
    CHECK(list.find.size() > 20);
    const auto all = texts();
    for (const Phrase& phrase : list.find) {
        CAPTURE(phrase.text());
        CHECK(stands(phrase, all));
    }
    for (const Phrase& phrase : list.soon) {
        CAPTURE(phrase.text());
        CHECK_FALSE(
            stands(phrase, all));  // it occurs: in words.txt, write `find` instead of `soon`
    }
}

TEST_CASE("words are found across lines and marks, and not beyond a sentence") {
    const auto broken = [](const std::string& list, const std::string& text) {
        return read_list(list).rules.at(0).broken(words_of(text));
    };
    const std::string rule = "not one token a byte : one token per byte\n";
    CHECK(broken(rule, "// One\n    // token a \"byte\"") == std::vector<int>{1});
    CHECK(broken(rule, "\n\n\"one token \"\n\"a byte\"") == std::vector<int>{3});
    CHECK(broken(rule, "at one. Token a byte").empty());
    CHECK(broken(rule, "one token (a byte)").empty());
    CHECK(broken("not knows|know nothing : x\n", "know_nothing, knows-nothing").size() == 2);
    CHECK(broken("not mend* : x\n", "mend mends amend") == std::vector<int>{1, 1});
    CHECK(broken("not Decoder : x\n", "decoder") == std::vector<int>{});
    CHECK(broken("not Decoder : x\n", "a Decoder") == std::vector<int>{1});
    const std::string fine = "not is no * : x\nfine there is no * : English\n";
    CHECK(broken(fine, "there is no file; this is no\nfile") == std::vector<int>{1});
    CHECK(broken(fine, "is no").empty());
}
