// SPDX-License-Identifier: MIT
// The two grammars of tiny tales, and the engine that tells, weighs, continues and checks the
// stories of any such grammar. Words are chosen uniformly, so a story's probability is a product of
// 1 / (size of the list).
#include "nn/data/tales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tensor/error.h"

namespace gradus {

namespace {

std::vector<int> range(int begin, int end) {  // begin, ..., end - 1
    std::vector<int> result(static_cast<std::size_t>(std::max(0, end - begin)));
    std::iota(result.begin(), result.end(), begin);
    return result;
}

// Numbers are stored one, two, ... nine: index i stands for i + 1. They follow the same rules in
// any language.
std::vector<int> at_least_two(const std::vector<int>&) {
    return range(1, 9);
}

std::vector<int> fewer(const std::vector<int>& given) {
    return range(0, given[0]);
}

std::vector<int> difference(const std::vector<int>& given) {
    const int left = (given[0] + 1) - (given[1] + 1);
    return left >= 1 ? std::vector<int>{left - 1} : std::vector<int>{};
}

// Everybody has three friends: names come in pairs (0 and 1, 2 and 3, ...), and a name's friends
// are the other of its pair and both of the pair half way round. Had everybody been everybody's
// friend, "not the hero" would be worth log(16/15) = 0.065 nats a story, and a small model had not
// noticed it after 48,000 stories (measured: 6 % of its stories made presents to oneself); three
// friends of sixteen are worth 1.67 nats and are learned in minutes.
template <int kNames>
std::vector<int> a_friend_of(const std::vector<int>& given) {
    const int hero = given[0], pair = hero / 2, far = (pair + kNames / 4) % (kNames / 2);
    std::vector<int> friends = {hero ^ 1, 2 * far, 2 * far + 1};
    std::sort(friends.begin(), friends.end());
    return friends;
}

}  // namespace

TaleGrammar english_tales() {
    const std::vector<std::string> names = {"Mia",  "Eva",  "Zoe",  "Ida", "Lily", "Rosa",
                                            "Nora", "Ruth", "Ben",  "Tom", "Max",  "Leo",
                                            "Sam",  "Finn", "Otto", "Hugo"};
    const std::vector<std::string> numbers = {"one", "two",   "three", "four", "five",
                                              "six", "seven", "eight", "nine"};
    const std::vector<std::string> things = {"kites", "cakes", "hats", "bells", "socks", "drums",
                                             "boats", "figs",  "kite", "cake",  "hat",   "bell",
                                             "sock",  "drum",  "boat", "fig"};
    return {
        "tales",
        "Mia Fox",
        "{hero} {kind} found {number found} {colour} {thing} {place}. "
        "{pronoun} gave {friend} {number given} and a hug. "
        "Now {hero} {kind} has {number left} {colour} {thing left} "
        "and {friend} has {number given}.\n",
        {
            {"hero", names},
            {"kind", {"Fox", "Owl", "Cat", "Bear", "Frog", "Duck", "Goat", "Mole"}},
            {"number found", numbers, {}, at_least_two, "at least two are found"},
            {"colour", {"red", "blue", "pink", "gold"}},
            {"thing",
             things,
             {},
             [](const std::vector<int>&) { return range(0, 8); },
             "two or more are plural"},
            {"place",
             {"at sea", "in bed", "on Mars", "at home", "in Rome", "in town", "on ice",
              "in space"}},
            {"pronoun",
             {"She", "He"},
             {"hero"},
             [](const std::vector<int>& given) { return std::vector<int>{given[0] < 8 ? 0 : 1}; },
             "the pronoun follows the hero"},
            {"friend",
             names,
             {"hero"},
             a_friend_of<16>,
             "the friend is one of the hero's three friends"},
            {"number given", numbers, {"number found"}, fewer, "fewer are given than were found"},
            {"number left",
             numbers,
             {"number found", "number given"},
             difference,
             "found - given = left"},
            {"thing left",
             things,
             {"thing", "number left"},
             [](const std::vector<int>& given) {
                 return std::vector<int>{given[0] % 8 + (given[1] == 0 ? 8 : 0)};
             },
             "the same thing as before, and singular after one"},
        }};
}

TaleGrammar chinese_tales() {
    const std::vector<std::string> names = {"朵朵", "豆豆", "圆圆", "乐乐",
                                            "阿宝", "阿福", "小满", "小雨"};
    const std::vector<std::string> numbers = {"一", "两", "三", "四", "五", "六", "七", "八", "九"};
    // Every thing is counted with 个, and every list has words of one length: all stories have 45
    // characters.
    return {
        "tales-zh",
        "松鼠朵朵",
        "{kind}{hero}在{place}捡到{number found}个{colour}{thing}，分给{friend}{number given}个。"
        "{kind}{hero}还剩{number left}个{colour}{thing}，{friend}抱着{number given}个，乐了。\n",
        {
            {"kind", {"松鼠", "狐狸", "兔子", "刺猬", "熊猫", "青蛙", "企鹅", "河马"}},
            {"hero", names},
            {"place", {"河边", "海边", "山上", "树下", "桥下", "屋后", "田里", "林中"}},
            {"number found", numbers, {}, at_least_two, "at least two are found"},
            {"colour", {"红", "黄", "绿", "金"}},
            {"thing", {"苹果", "桃子", "南瓜", "气球", "皮球", "铃铛", "灯笼", "陀螺"}},
            {"friend",
             names,
             {"hero"},
             a_friend_of<8>,
             "the friend is one of the hero's three friends"},
            {"number given", numbers, {"number found"}, fewer, "fewer are given than were found"},
            {"number left",
             numbers,
             {"number found", "number given"},
             difference,
             "found - given = left"},
        }};
}

Tales::Tales(TaleGrammar grammar) : grammar_(std::move(grammar)) {
    const auto slot_called = [&](std::string_view wanted) {
        for (std::size_t i = 0; i < grammar_.blanks.size(); ++i)
            if (grammar_.blanks[i].name == wanted) return static_cast<int>(i);
        require(false, "tales: \"{}\" has no blank called {}", grammar_.name,
                detail::quoted(wanted));
        return kLiteral;
    };

    for (int i = 0; i < static_cast<int>(grammar_.blanks.size()); ++i) {
        given_.emplace_back();
        for (const std::string& earlier : grammar_.blanks[i].given) {
            given_.back().push_back(slot_called(earlier));
            require(given_.back().back() < i,
                    "tales: blank \"{}\" depends on \"{}\", which comes later",
                    grammar_.blanks[i].name, earlier);
        }
    }

    mentions_.resize(grammar_.blanks.size());
    int known = 0;  // blanks mentioned so far: the first mentions come in the order of the list
    for (std::string_view rest = grammar_.story; !rest.empty();) {
        const std::size_t literal = std::min(rest.find('{'), rest.size());
        if (literal > 0) {
            parts_.push_back({kLiteral, std::string(rest.substr(0, literal)), false});
            rest.remove_prefix(literal);
            continue;
        }
        const std::size_t end = rest.find('}');
        require(end != rest.npos, "tales: a brace of \"{}\" is never closed", grammar_.name);
        const int blank = slot_called(rest.substr(1, end - 1));
        if (blank > known)
            require(false, "tales: blank \"{}\" is mentioned before \"{}\", but listed after it",
                    grammar_.blanks[blank].name, grammar_.blanks[known].name);
        parts_.push_back({blank, "", blank == known});
        if (blank == known) ++known;
        ++mentions_[blank];
        rest.remove_prefix(end + 1);
    }
    if (known < static_cast<int>(grammar_.blanks.size()))
        require(false, "tales: \"{}\" never mentions blank \"{}\"", grammar_.name,
                grammar_.blanks[known].name);
    require(grammar_.story.find('\n') + 1 == grammar_.story.size(),
            "tales: a story of \"{}\" is not one line", grammar_.name);
    measure();
}

std::vector<int> Tales::allowed(int blank, const std::vector<int>& chosen) const {
    const Blank& s = grammar_.blanks[blank];
    if (!s.allowed) return range(0, static_cast<int>(s.words.size()));
    std::vector<int> given;
    for (int earlier : given_[blank]) {
        if (chosen[earlier] == kUnknown) return {};
        given.push_back(chosen[earlier]);
    }
    return s.allowed(given);
}

// Entropy, mean and greatest length, and alphabet, all exact. Slots with no dependence between
// them, direct or by way of others, are independent: their entropies and lengths add up. So the
// blanks fall into groups, and only the combinations within a group are enumerated: 550 for the
// English tales, of which there are 18 million.
void Tales::measure() {
    const int n = static_cast<int>(grammar_.blanks.size());
    std::vector<int> group = range(0, n);
    for (int i = 0; i < n; ++i)
        for (int earlier : given_[i]) {
            const int from = group[i], to = group[earlier];
            std::replace(group.begin(), group.end(), from, to);
        }

    std::set<std::string> seen;
    const auto see = [&](std::string_view text) {
        const auto all = detail::characters(text);
        seen.insert(all.begin(), all.end());
        return static_cast<int>(all.size());
    };

    for (const Part& part : parts_)
        if (part.blank == kLiteral) {
            const int length = see(part.literal);
            mean_length_ += length;
            max_length_ += length;
        }

    for (int g = 0; g < n; ++g) {
        std::vector<int> chosen(n, kUnknown);
        int longest = 0;
        const auto enumerate = [&](const auto& self, int blank, double p, int length) -> void {
            while (blank < n && group[blank] != g) ++blank;
            if (blank == n) {
                entropy_ -= p * std::log(p);
                mean_length_ += p * length;
                longest = std::max(longest, length);
                return;
            }
            const std::vector<std::string>& words = grammar_.blanks[blank].words;
            const std::vector<int> choices = allowed(blank, chosen);
            require(!choices.empty(), "tales: blank \"{}\" can be left without a word",
                    grammar_.blanks[blank].name);
            // If no word begins another, where a word ends is never in doubt: one derivation a
            // story.
            for (int a : choices)
                for (int b : choices)
                    require(a == b || !words[b].starts_with(words[a]),
                            "tales: blank \"{}\" is ambiguous: \"{}\" begins \"{}\"",
                            grammar_.blanks[blank].name, words[a], words[b]);
            for (int word : choices) {
                chosen[blank] = word;
                self(self, blank + 1, p / static_cast<double>(choices.size()),
                     length + mentions_[blank] * see(words[word]));
            }
        };
        if (std::find(group.begin(), group.end(), g) != group.end()) enumerate(enumerate, 0, 1, 0);
        max_length_ += longest;
    }
    alphabet_.assign(seen.begin(), seen.end());
}

Tales::Derivation Tales::derive(Random& random) const {
    Derivation result{"", 0};
    std::vector<int> chosen(grammar_.blanks.size(), kUnknown);
    for (const Part& part : parts_) {
        if (part.first) {
            const std::vector<int> choices = allowed(part.blank, chosen);
            const auto pick = choices.size() == 1 ? 0 : random.below(choices.size());
            chosen[part.blank] = choices[pick];
            result.cost += std::log(static_cast<double>(choices.size()));
        }
        result.document += part.blank == kLiteral
                               ? part.literal
                               : grammar_.blanks[part.blank].words[chosen[part.blank]];
    }
    return result;
}

std::string Tales::sample(Random& random) const {
    return derive(random).document;
}

// The forward filter: follows every derivation that agrees with `text`, choice by choice. Those
// that agree with all of it and go on leave their weight at the character they go on with; those
// that end there, in `whole`.
struct Tales::Reading {
    std::string_view text;
    std::vector<int> chosen;
    std::vector<NextCharacter> next = {};
    double whole = 0;
};

void Tales::read(Reading& reading, std::size_t part, std::size_t at, double weight) const {
    // Whether `words`, read at `at`, agrees with the text to its end. Where the text ends first,
    // its weight is due.
    const auto agrees = [&](std::string_view words, double w) {
        const std::string_view rest = reading.text.substr(at, words.size());
        if (words.substr(0, rest.size()) != rest) return false;
        if (rest.size() == words.size()) return true;
        const std::string_view follows = words.substr(rest.size());
        const bool inside_character = (static_cast<unsigned char>(follows[0]) & 0xC0) == 0x80;
        if (!inside_character) detail::add_next(reading.next, follows, w);
        return false;
    };

    for (; part < parts_.size(); ++part) {
        const Part& p = parts_[part];
        if (p.first) {
            const std::vector<int> choices = allowed(p.blank, reading.chosen);
            for (int choice : choices) {
                const std::string& word = grammar_.blanks[p.blank].words[choice];
                const double w = weight / static_cast<double>(choices.size());
                reading.chosen[p.blank] = choice;
                if (agrees(word, w)) read(reading, part + 1, at + word.size(), w);
            }
            return;
        }
        const std::string& words = p.blank == kLiteral
                                       ? p.literal
                                       : grammar_.blanks[p.blank].words[reading.chosen[p.blank]];
        if (!agrees(words, weight)) return;
        at += words.size();
    }
    if (at == reading.text.size()) reading.whole += weight;
}

double Tales::logprob(std::string_view document) const {
    Reading reading{document, std::vector<int>(grammar_.blanks.size(), kUnknown)};
    read(reading, 0, 0, 1);
    return std::log(reading.whole);  // log 0 = -infinity
}

std::vector<NextCharacter> Tales::next(std::string_view prefix) const {
    Reading reading{prefix, std::vector<int>(grammar_.blanks.size(), kUnknown)};
    read(reading, 0, 0, 1);
    require(reading.whole == 0, "{}: nothing follows a whole story", name());
    require(!reading.next.empty(), "{}: no story begins with {}", name(), detail::quoted(prefix));
    double total = 0;
    for (const NextCharacter& n : reading.next) total += n.probability;
    for (NextCharacter& n : reading.next) n.probability /= total;
    return std::move(reading.next);
}

// Bytes of `text` that `part` accounts for, with the longest word that fits; npos if none does.
std::size_t Tales::match(std::size_t part, std::string_view text) const {
    const Part& p = parts_[part];
    if (p.blank == kLiteral)
        return text.starts_with(p.literal) ? p.literal.size() : std::string_view::npos;
    std::size_t best = std::string_view::npos;
    for (const std::string& word : grammar_.blanks[p.blank].words)
        if (text.starts_with(word) && (best == std::string_view::npos || word.size() > best))
            best = word.size();
    return best;
}

// Reads the text against the story, first for its shape (any word of a blank's list will do), then
// for its rules. Where the shape is broken it says so and goes on from the next place it knows.
std::vector<std::string> Tales::check(std::string_view document) const {
    constexpr std::size_t npos = std::string_view::npos;
    std::vector<std::string> violations;
    const auto report = [&]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
        violations.push_back(fmt::format(format, std::forward<Args>(args)...));
    };
    std::vector<int> chosen(grammar_.blanks.size(), kUnknown);
    std::vector<std::string_view> said(grammar_.blanks.size());  // first mentions, as in the text

    std::size_t at = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const Part& part = parts_[i];
        const std::string_view rest = document.substr(at);

        // A text that ends within this part, "kite" for "kites" too, is unfinished, not wrong.
        const auto cut_off = [&](std::string_view words) {
            return rest.size() < words.size() && words.starts_with(rest);
        };
        bool stops = part.blank == kLiteral && cut_off(part.literal);
        if (part.blank != kLiteral)
            stops = std::ranges::any_of(grammar_.blanks[part.blank].words, cut_off);
        if (stops) {
            // Where a long text ends is what matters: show its last 16 characters.
            const auto all = detail::characters(document);
            const auto tail = all.size() > 16 ? all[all.size() - 16].data() - document.data() : 0;
            report("story unfinished: it stops after {}", detail::quoted(document.substr(tail)));
            return violations;
        }

        const std::size_t length = match(i, rest);
        if (length == npos) {
            // Look for the next place that fits: this literal further on, or what comes after it.
            std::size_t skip = 0;
            bool itself = false, after = false;
            for (; skip < rest.size(); ++skip) {
                if ((static_cast<unsigned char>(rest[skip]) & 0xC0) == 0x80) continue;
                itself = part.blank == kLiteral && match(i, rest.substr(skip)) != npos;
                after = i + 1 < parts_.size() && match(i + 1, rest.substr(skip)) != npos;
                if (itself || after) break;
            }
            const std::string read = detail::quoted(rest.substr(0, skip));
            if (part.blank != kLiteral) {
                const std::string& blank = grammar_.blanks[part.blank].name;
                if (after && skip == 0)
                    report("{} is missing before {}", blank, detail::quoted(rest));
                else
                    report("unknown word {} for {}", read, blank);
            } else if (skip > 0) {
                report("{} stands where {} belongs", read, detail::quoted(part.literal));
            } else {
                report("{} is missing before {}", detail::quoted(part.literal),
                       detail::quoted(rest));
            }
            if (!itself && !after) {
                report("story unfinished: no end can be made out");
                return violations;
            }
            if (part.blank != kLiteral && part.first) said[part.blank] = rest.substr(0, skip);
            at += skip + (itself ? part.literal.size() : 0);
            continue;
        }

        at += length;
        if (part.blank == kLiteral) continue;
        const Blank& blank = grammar_.blanks[part.blank];
        const std::string_view word = rest.substr(0, length);
        if (!part.first) {
            if (word != said[part.blank])
                report("{} changes from {} to {}", blank.name,
                       said[part.blank].empty() ? "nothing" : detail::quoted(said[part.blank]),
                       detail::quoted(word));
            continue;
        }
        said[part.blank] = word;
        const auto found = std::find(blank.words.begin(), blank.words.end(), word);
        chosen[part.blank] = static_cast<int>(found - blank.words.begin());
        const std::vector<int> choices = allowed(part.blank, chosen);
        // No choices: an earlier word is unknown or breaks a rule itself, and was reported.
        if (choices.empty() ||
            std::find(choices.begin(), choices.end(), chosen[part.blank]) != choices.end())
            continue;
        if (choices.size() == 1)
            report("{} is {}, not {}: {}", blank.name, detail::quoted(word),
                   detail::quoted(blank.words[choices[0]]), blank.rule);
        else
            report("{} is {}: {}", blank.name, detail::quoted(word), blank.rule);
    }
    if (at < document.size())
        report("text goes on after the end: {}", detail::quoted(document.substr(at)));
    return violations;
}

}  // namespace gradus
