// SPDX-License-Identifier: MIT
// Idiom chains (成语接龙): a game in which every idiom begins with the last character of the
// previous one. It is modelled as a random walk over a graph of idioms, whose entropy can be
// computed exactly. In every idiom but the first, the first character is determined: it repeats the
// character before the comma.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nn/data/text_source.h"

namespace gradus {

// 510 idioms, separated by white space. The class Idioms uses the 299 that can be chained for ever.
extern const char* const kIdiomList;

// A document is a chain of `length` idioms, 甲乙丙丁，丁戊己庚，...，子丑寅卯\n. The first is drawn
// uniformly from all idioms, each later one uniformly from those that begin with the last character
// of the previous one. So that a chain never gets stuck, only the largest strongly connected
// component of the graph (characters are its nodes, idioms its edges) is used: from each of its
// idioms, every other can be reached.
//
// The built-in list yields 299 idioms with 375 distinct characters, or 377 with ， and the newline.
// A chain of 12 idioms has 60 characters and an entropy of 18.62 bits, which makes the floor 0.2151
// nats per character; an endless walk has an entropy of 0.9538 bits per idiom.
class Idioms : public TextSource {
 public:
    // Throws std::invalid_argument if an entry does not consist of four Chinese characters or is
    // listed twice, if no chain can go on for ever, or if length < 1.
    explicit Idioms(std::string_view list = kIdiomList, int length = 12);

    std::string name() const override { return "idioms"; }
    std::string items() const override { return "chains"; }
    std::string prompt() const override { return idioms_.front(); }
    std::string sample(Random& random) const override;
    double logprob(std::string_view document) const override;
    std::vector<NextCharacter> next(std::string_view prefix) const override;
    std::vector<std::string> violations(std::string_view document) const override;
    double entropy() const override;
    double mean_length() const override { return max_length(); }
    int max_length() const override { return 5 * length_; }
    std::vector<std::string> alphabet() const override;

    // The idioms that chains are made of, in the order of the list.
    const std::vector<std::string>& idioms() const { return idioms_; }

    // The entropy of an endless chain in nats per idiom: the mean of log(number of idioms that can
    // follow) under the stationary distribution of the walk (Shannon 1948, "A mathematical theory
    // of communication", theorem 5).
    double entropy_rate() const;

 private:
    int followers(int idiom) const { return static_cast<int>(from_[end_[idiom]].size()); }
    int index(std::string_view idiom) const;  // -1 if not in idioms_
    std::vector<double> step(const std::vector<double>& p) const;
    double branching(const std::vector<double>& p) const;

    int length_;
    std::vector<std::string> idioms_;
    std::unordered_map<std::string, int> index_;
    std::vector<int> begin_, end_;        // idiom -> index of its first, last character
    std::vector<std::vector<int>> from_;  // character -> idioms that begin with it
    std::vector<int> all_;                // every idiom: a chain can begin with any
};

}  // namespace gradus
