// SPDX-License-Identifier: MIT
// Tiny tales: one-line stories about a hero who shares, whose probability is known to the last bit.
// A model that tells them well has learned to copy (names, colours), to agree (pronoun, plural) and
// to subtract.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/data/text_source.h"

namespace gradus {

// A blank in a story. Its first mention chooses one of the allowed words, all equally likely; every
// later mention copies that word. A blank with a single allowed word carries no information: it
// follows from others.
struct Blank {
    std::string name;
    std::vector<std::string> words;
    // Which words are allowed, as indices into `words`: a function of the words chosen for the
    // blanks named in `given`, in that order. It sees nothing else, which is what makes the exact
    // entropy cheap. Empty: any word. Must accept every combination of words (the checker asks
    // about wrong ones) and may answer "none".
    std::vector<std::string> given = {};
    std::vector<int> (*allowed)(const std::vector<int>& given) = nullptr;
    std::string rule = {};  // why, for the checker: "the friend is one of the hero's three friends"
};

// A story with blanks, "{hero} found {number} ...\n", and its blanks in the order of their first
// mention.
struct TaleGrammar {
    std::string name, prompt, story;
    std::vector<Blank> blanks;
};

// "Mia Fox found six red kites at sea. She gave Ben two and a hug. Now Mia Fox has four red kites
// and Ben has two." 21.50 bits; 117.81 characters (128 at most), 42 different; floor 0.1265 nats
// per character.
TaleGrammar english_tales();

// 松鼠朵朵在河边捡到七个红苹果，分给阿宝五个。松鼠朵朵还剩两个红苹果，阿宝抱着五个，乐了。
// 20.50 bits; 45 characters, 80 different; floor 0.3157 nats per character.
TaleGrammar chinese_tales();

// The stories of a grammar. Throws std::invalid_argument if the grammar is broken: a blank that is
// not defined, not mentioned or depends on a later one, a pair of words that begin alike to the end
// of one of them.
class Tales : public TextSource {
 public:
    explicit Tales(TaleGrammar grammar);

    std::string name() const override { return grammar_.name; }
    std::string prompt() const override { return grammar_.prompt; }
    std::string sample(Random& random) const override;
    double logprob(std::string_view document) const override;
    std::vector<NextCharacter> next(std::string_view prefix) const override;
    std::vector<std::string> check(std::string_view document) const override;
    double entropy() const override { return entropy_; }
    double mean_length() const override { return mean_length_; }
    int max_length() const override { return max_length_; }
    std::vector<std::string> alphabet() const override { return alphabet_; }

    // A story as it is told, with -log p of the choices that were made: for comparing with
    // logprob().
    struct Derivation {
        std::string document;
        double cost;  // nats
    };
    Derivation derive(Random& random) const;

 private:
    static constexpr int kLiteral = -1, kUnknown = -1;

    struct Part {  // a piece of the story: a literal, or a mention of a blank
        int blank = kLiteral;
        std::string literal = {};
        bool first = false;  // the mention that chooses
    };
    struct Reading;  // where a reader of a prefix can be

    std::vector<int> allowed(int blank, const std::vector<int>& chosen) const;
    void read(Reading& reading, std::size_t part, std::size_t at, double weight) const;
    std::size_t match(std::size_t part, std::string_view text) const;
    void measure();

    TaleGrammar grammar_;
    std::vector<Part> parts_;
    std::vector<std::vector<int>> given_;  // blank -> blanks it depends on
    std::vector<int> mentions_;            // blank -> how often the story names it
    double entropy_ = 0, mean_length_ = 0;
    int max_length_ = 0;
    std::vector<std::string> alphabet_;
};

}  // namespace gradus
