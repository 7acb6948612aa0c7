// SPDX-License-Identifier: MIT
// Additions, "0583+9741=42301": a task with a right answer, on which networks compete to be small. The
// sum begins with its units, as on paper: each digit then follows from two digits and a carry (Lee et
// al. 2023, "Teaching arithmetic to small transformers", arXiv:2307.03381, section 3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/data/text_source.h"

namespace gradus {

// A document: two numbers of `digits` digits each, every one of them uniform and independent, and
// their sum, of one digit more, from right to left. With four digits it has 16 characters, 13 different
// ones, and an entropy of 8 ln 10 = 18.42 nats: the floor is 1.1513 nats per character.
class Sums : public TextSource {
 public:
    explicit Sums(int digits = 4);  // throws std::invalid_argument unless 1 to 17

    std::string name() const override { return "sums"; }
    std::string items() const override { return "sums"; }
    std::string prompt() const override;
    std::string sample(Random& random) const override;
    double logprob(std::string_view document) const override;
    std::vector<NextCharacter> next(std::string_view prefix) const override;
    std::vector<std::string> violations(std::string_view document) const override;
    double entropy() const override;
    double mean_length() const override { return max_length(); }
    int max_length() const override { return static_cast<int>(3 * digits_ + 4); }
    std::vector<std::string> alphabet() const override;

 private:
    // "0583+9741=" and its sum, with the newline.
    std::string finished(std::string_view question) const;
    // How many characters of `document` can begin a document.
    std::size_t readable(std::string_view document) const;

    std::size_t digits_;
};

}  // namespace gradus
