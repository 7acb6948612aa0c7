// SPDX-License-Identifier: MIT
// Generates, scores and continues the stories of any grammar (tales_violations.cpp checks them).
// Words are chosen uniformly, so a story's probability is a product of 1 / (number of allowed
// words).
#include "nn/data/tales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

Tales::Tales(TaleGrammar grammar) : grammar_(std::move(grammar)) {
    const auto blank_called = [&](std::string_view wanted) {
        for (std::size_t i = 0; i < grammar_.blanks.size(); ++i)
            if (grammar_.blanks[i].name == wanted) return static_cast<int>(i);
        require(false, "tales: \"{}\" has no blank called {}", grammar_.name, in_quotes(wanted));
        return kLiteral;
    };

    for (int i = 0; i < static_cast<int>(grammar_.blanks.size()); ++i) {
        given_.emplace_back();
        for (const std::string& earlier : grammar_.blanks[i].given) {
            given_.back().push_back(blank_called(earlier));
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
            pieces_.push_back({kLiteral, std::string(rest.substr(0, literal)), false});
            rest.remove_prefix(literal);
            continue;
        }
        const std::size_t end = rest.find('}');
        require(end != rest.npos, "tales: a brace in \"{}\" is never closed", grammar_.name);
        const int blank = blank_called(rest.substr(1, end - 1));
        if (blank > known)
            require(false, "tales: blank \"{}\" is mentioned before \"{}\", but listed after it",
                    grammar_.blanks[blank].name, grammar_.blanks[known].name);
        pieces_.push_back({blank, "", blank == known});
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
    if (!s.allowed) {
        std::vector<int> all(s.words.size());
        std::iota(all.begin(), all.end(), 0);
        return all;
    }
    std::vector<int> given;
    for (int earlier : given_[blank]) {
        if (chosen[earlier] == kUnknown) return {};
        given.push_back(chosen[earlier]);
    }
    return s.allowed(given);
}

// Entropy, mean and maximum length, and alphabet, all exact. Blanks that do not depend on each
// other, directly or indirectly, are independent: their entropies and lengths add up. So the blanks
// fall into groups, and only the combinations within each group are enumerated: 356 for the English
// grammar, which has 3.5 million stories.
void Tales::measure() {
    const int n = static_cast<int>(grammar_.blanks.size());
    std::vector<int> group(n);
    std::iota(group.begin(), group.end(), 0);
    for (int i = 0; i < n; ++i)
        for (int earlier : given_[i]) {
            const int from = group[i], to = group[earlier];
            std::replace(group.begin(), group.end(), from, to);
        }

    std::set<std::string> seen;
    const auto see = [&](std::string_view text) {
        const auto all = utf8_characters(text);
        seen.insert(all.begin(), all.end());
        return static_cast<int>(all.size());
    };

    for (const Piece& piece : pieces_)
        if (piece.blank == kLiteral) {
            const int length = see(piece.literal);
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
            // If no choice is a prefix of another, it is always clear where a word ends: one
            // derivation per story.
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
    for (const Piece& piece : pieces_) {
        if (piece.first) {
            const std::vector<int> choices = allowed(piece.blank, chosen);
            const auto pick = choices.size() == 1 ? 0 : random.below(choices.size());
            chosen[piece.blank] = choices[pick];
            result.cost += std::log(static_cast<double>(choices.size()));
        }
        result.document += piece.blank == kLiteral
                               ? piece.literal
                               : grammar_.blanks[piece.blank].words[chosen[piece.blank]];
    }
    return result;
}

std::string Tales::sample(Random& random) const {
    return derive(random).document;
}

// The forward filter: follows every derivation that agrees with `text`, choice by choice. A
// derivation that agrees with all of it and goes on adds its weight to its next character; one that
// ends there adds it to `whole`.
struct Tales::Filter {
    std::string_view text;
    std::vector<int> chosen;
    std::vector<NextCharacter> next = {};
    double whole = 0;
};

void Tales::follow(Filter& filter, std::size_t piece, std::size_t at, double weight) const {
    // True if the text has all of `words` at offset `at`. If the text ends first, the weight goes
    // to the next character.
    const auto agrees = [&](std::string_view words, double w) {
        const std::string_view rest = filter.text.substr(at, words.size());
        if (words.substr(0, rest.size()) != rest) return false;
        if (rest.size() == words.size()) return true;
        const std::string_view follows = words.substr(rest.size());
        const bool inside_character = utf8_continues(follows[0]);
        if (!inside_character) detail::add_next(filter.next, follows, w);
        return false;
    };

    for (; piece < pieces_.size(); ++piece) {
        const Piece& p = pieces_[piece];
        if (p.first) {
            const std::vector<int> choices = allowed(p.blank, filter.chosen);
            for (int choice : choices) {
                const std::string& word = grammar_.blanks[p.blank].words[choice];
                const double w = weight / static_cast<double>(choices.size());
                filter.chosen[p.blank] = choice;
                if (agrees(word, w)) follow(filter, piece + 1, at + word.size(), w);
            }
            return;
        }
        const std::string& words = p.blank == kLiteral
                                       ? p.literal
                                       : grammar_.blanks[p.blank].words[filter.chosen[p.blank]];
        if (!agrees(words, weight)) return;
        at += words.size();
    }
    if (at == filter.text.size()) filter.whole += weight;
}

double Tales::logprob(std::string_view document) const {
    Filter filter{document, std::vector<int>(grammar_.blanks.size(), kUnknown)};
    follow(filter, 0, 0, 1);
    return std::log(filter.whole);  // log 0 = -infinity
}

std::vector<NextCharacter> Tales::next(std::string_view prefix) const {
    Filter filter{prefix, std::vector<int>(grammar_.blanks.size(), kUnknown)};
    follow(filter, 0, 0, 1);
    require(filter.whole == 0, "{}: nothing follows a whole story", name());
    require(!filter.next.empty(), "{}: no story begins with {}", name(), in_quotes(prefix));
    double total = 0;
    for (const NextCharacter& n : filter.next) total += n.probability;
    for (NextCharacter& n : filter.next) n.probability /= total;
    return std::move(filter.next);
}

}  // namespace gradus
