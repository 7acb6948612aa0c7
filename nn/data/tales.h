// SPDX-License-Identifier: MIT
// Tiny tales: one-line stories about a hero who shares things, each with an exactly known
// probability. A model that writes them well has learned copying (names, colours), agreement
// (pronouns, plurals) and subtraction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/data/tale_grammar.h"
#include "nn/data/text_source.h"

namespace gradus {

// The stories of a grammar. Throws std::invalid_argument if the grammar is invalid: if a blank is
// not defined, is never mentioned or depends on a later one, or if one of two words allowed in the
// same place is a prefix of the other.
class Tales : public TextSource {
 public:
    explicit Tales(TaleGrammar grammar);

    std::string name() const override { return grammar_.name; }
    std::string items() const override { return "stories"; }
    std::string prompt() const override { return grammar_.prompt; }
    std::string sample(Random& random) const override;
    double logprob(std::string_view document) const override;
    std::vector<NextCharacter> next(std::string_view prefix) const override;
    std::vector<std::string> violations(std::string_view document) const override;
    double entropy() const override { return entropy_; }
    double mean_length() const override { return mean_length_; }
    int max_length() const override { return max_length_; }
    std::vector<std::string> alphabet() const override { return alphabet_; }

    // A generated story, and -log p of the choices made, for comparison with logprob().
    struct Derivation {
        std::string document;
        double cost;  // nats
    };
    Derivation derive(Random& random) const;

 private:
    static constexpr int kLiteral = -1, kUnknown = -1;

    struct Piece {  // a piece of the story: a literal, or a mention of a blank
        int blank = kLiteral;
        std::string literal = {};
        bool first = false;  // the mention that chooses the word
    };
    struct Filter;   // reads a prefix, following every derivation
    struct Checker;  // reads a whole text, including any mistakes

    std::vector<int> allowed(int blank, const std::vector<int>& chosen) const;
    void follow(Filter& filter, std::size_t piece, std::size_t at, double weight) const;
    std::size_t match(std::size_t piece, std::string_view text) const;
    void measure();

    TaleGrammar grammar_;
    std::vector<Piece> pieces_;
    std::vector<std::vector<int>> given_;  // blank -> blanks it depends on
    std::vector<int> mentions_;            // blank -> number of mentions in the story
    double entropy_ = 0, mean_length_ = 0;
    int max_length_ = 0;
    std::vector<std::string> alphabet_;
};

}  // namespace gradus
