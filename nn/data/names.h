// SPDX-License-Identifier: MIT
// Made-up first names, "marlo" or "etiane": what character models are often tried on (names.txt of
// makemore, Karpathy 2022: 32,033 names), here without a file and with a known entropy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/data/text_source.h"

namespace gradus {

// A document is a name of 1 to `most` syllables. Vowels and consonants take turns, so that a name
// can be read in only one way, and its probability is a product of choices: how many syllables, with
// what it begins, each vowel, what stands between two of them, and how it ends, which depends on the
// last vowel. Every letter from a to z occurs, so the alphabet has 27 characters with the newline. Up
// to three syllables are 14 of them at most and 6.71 on average, with an entropy of 13.38 nats: the
// floor is 1.9949 nats per character.
class Names : public TextSource {
 public:
    explicit Names(int most = 3);  // throws std::invalid_argument unless 1 to 3

    std::string name() const override { return "names"; }
    std::string items() const override { return "names"; }
    std::string prompt() const override { return "ma"; }
    std::string sample(Random& random) const override;
    double logprob(std::string_view document) const override;
    std::vector<NextCharacter> next(std::string_view prefix) const override;
    std::vector<std::string> violations(std::string_view document) const override;
    double entropy() const override { return states_.back().entropy; }
    double mean_length() const override { return states_.back().length; }
    int max_length() const override { return states_.back().longest; }
    std::vector<std::string> alphabet() const override;

 private:
    struct Choice {
        std::string letters;
        double p;
        int next;  // state; -1: the name is complete
    };
    struct State {
        std::vector<Choice> choices;
        double entropy = 0, length = 0;  // of what is to come, on average
        int longest = 0;
    };

    int add(std::vector<Choice> choices);
    // The probability that a name which has got as far as `state` goes on with `rest`, and perhaps
    // with more.
    double goes_on(int state, std::string_view rest) const;
    double begins(std::string_view prefix) const { return goes_on(first(), prefix); }
    int first() const { return static_cast<int>(states_.size()) - 1; }

    std::vector<State> states_;  // each leads to earlier ones only; the last is the beginning
};

}  // namespace gradus
