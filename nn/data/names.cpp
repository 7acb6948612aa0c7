// SPDX-License-Identifier: MIT
// The choices that make a name, and what follows from them.
#include "nn/data/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

namespace {

// Letters and their weights; "-" stands for none.
using Weights = std::vector<std::pair<std::string, double>>;

Weights weights(const char* list) {
    Weights all;
    std::istringstream in(list);
    double sum = 0, weight = 0;
    for (std::string letters; in >> letters >> weight; sum += weight)
        all.emplace_back(letters == "-" ? "" : letters, weight);
    for (auto& [letters, p] : all) p /= sum;
    return all;
}

const char* const kSyllables[] = {"1 1", "1 1 2 5", "1 1 2 5 3 4"};
const char* const kBegin =
    "- 12 m 9 k 7 j 7 l 7 s 6 r 6 d 6 n 5 t 5 b 5 h 4 c 4 v 3 z 3 y 3 f 2 g 2 p 2 w 2 x 1 qu 1 "
    "sh 2 ch 1 br 1 th 1 tr 1 kr 1";
const char* const kVowel = "a 12 e 8 i 7 o 5 u 3 ai 1 ee 1 ia 1 ay 1";
const char* const kBetween =
    "l 8 r 8 n 9 m 6 d 4 t 3 s 3 v 3 k 3 b 2 h 2 z 2 j 1 f 1 g 1 w 1 ll 2 nn 2 tt 1 rl 2 nd 1 "
    "th 1 sh 1 br 1 rt 1 qu 1";
// A last vowel, and how a name may end after it.
const char* const kLast = "a 10 e 4 i 4 o 3 ia 2 ee 1 ie 1";
const char* const kAfterA = "- 8 n 3 h 2 s 1 r 1";
const char* const kAfterI = "- 3 n 4 s 2 ck 1 x 1 th 1";
const char* const kAfterOther = "- 4 n 3 l 2 r 1 s 1 t 1";

}  // namespace

Names::Names(int most) {
    require(most >= 1 && most <= 3, "names: {} syllables at most, must be 1 to 3", most);
    const auto to = [](const char* list, int next, const char* after = "") {
        std::vector<Choice> choices;
        for (const auto& [letters, p] : weights(list))
            choices.push_back({letters + after, p, next});
        return choices;
    };
    const int after_a = add(to(kAfterA, -1, "\n")), after_i = add(to(kAfterI, -1, "\n")),
              after_other = add(to(kAfterOther, -1, "\n"));
    std::vector<Choice> last = to(kLast, after_other);
    for (Choice& choice : last) {
        if (choice.letters.back() == 'a') choice.next = after_a;
        if (choice.letters == "i") choice.next = after_i;
    }
    int vowel = add(last);  // of the last syllable, then of each before it
    std::vector<Choice> begin;
    for (const auto& [syllables, p] : weights(kSyllables[most - 1])) {
        if (syllables != "1") vowel = add(to(kVowel, add(to(kBetween, vowel))));
        for (Choice choice : to(kBegin, vowel)) {
            choice.p *= p;
            begin.push_back(choice);
        }
    }
    add(begin);
}

int Names::add(std::vector<Choice> choices) {
    State state;
    for (const Choice& c : choices) {
        const State after = c.next < 0 ? State() : states_[static_cast<std::size_t>(c.next)];
        const int letters = static_cast<int>(c.letters.size());
        state.entropy += c.p * (after.entropy - std::log(c.p));
        state.length += c.p * (after.length + letters);
        state.longest = std::max(state.longest, after.longest + letters);
    }
    state.choices = std::move(choices);
    states_.push_back(std::move(state));
    return static_cast<int>(states_.size()) - 1;
}

std::string Names::sample(Random& random) const {
    std::string document;
    for (int at = first(); at >= 0;) {
        const auto& choices = states_[static_cast<std::size_t>(at)].choices;
        double u = random.uniform();
        std::size_t i = 0;
        while (i + 1 < choices.size() && u >= choices[i].p) u -= choices[i++].p;
        document += choices[i].letters;
        at = choices[i].next;
    }
    return document;
}

double Names::goes_on(int state, std::string_view rest) const {
    if (rest.empty()) return 1;
    if (state < 0) return 0;
    double p = 0;
    for (const Choice& c : states_[static_cast<std::size_t>(state)].choices) {
        const std::size_t shared = std::min(rest.size(), c.letters.size());
        if (rest.substr(0, shared) == std::string_view(c.letters).substr(0, shared))
            p += c.p * goes_on(c.next, rest.substr(shared));
    }
    return p;
}

double Names::logprob(std::string_view document) const {
    if (document.empty() || document.back() != '\n')
        return -std::numeric_limits<double>::infinity();
    return std::log(begins(document));
}

std::vector<NextCharacter> Names::next(std::string_view prefix) const {
    require(prefix.find('\n') == prefix.npos, "names: nothing follows the end of a name");
    const double all = begins(prefix);
    require(all > 0, "names: no name begins with {}", in_quotes(prefix));
    std::vector<NextCharacter> list;
    for (const std::string& c : alphabet())
        if (const double p = begins(std::string(prefix) + c); p > 0) list.push_back({c, p / all});
    return list;
}

std::vector<std::string> Names::violations(std::string_view document) const {
    std::vector<std::string> faults;
    const std::string_view whole = detail::only_line(document, "name", faults);
    // As far as a name can be read.
    std::size_t good = 0;
    while (good < whole.size() && begins(whole.substr(0, good + 1)) > 0) ++good;
    if (good == whole.size()) return faults;
    const std::string begun = in_quotes(whole.substr(0, good));
    faults.push_back(whole[good] == '\n'
                         ? fmt::format("no name ends after {}", begun)
                         : fmt::format("no name that begins with {} goes on with {}", begun,
                                       in_quotes(utf8_characters(whole.substr(good))[0])));
    return faults;
}

std::vector<std::string> Names::alphabet() const {
    std::vector<std::string> all = {"\n"};
    for (char c = 'a'; c <= 'z'; ++c) all.emplace_back(1, c);
    return all;
}

}  // namespace gradus
