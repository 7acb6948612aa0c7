// SPDX-License-Identifier: MIT
// The contract of a text source is tested in text_source_test.cpp, for names too.
#include "nn/data/names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace gradus;

TEST_CASE("names: the entropy is the sum over all of them of -p log p") {
    // All names of one syllable, enumerated through next(): 28 beginnings and 40 endings.
    const Names source(1);
    double entropy = 0, total = 0, length = 0;
    std::size_t names = 0, longest = 0;
    std::vector<std::pair<std::string, double>> waiting = {{"", 1}};
    while (!waiting.empty()) {
        const auto [prefix, p] = waiting.back();
        waiting.pop_back();
        if (!prefix.empty() && prefix.back() == '\n') {
            CHECK(source.logprob(prefix) == doctest::Approx(std::log(p)).epsilon(1e-12));
            entropy -= p * std::log(p), total += p;
            length += p * static_cast<double>(prefix.size());
            longest = std::max(longest, prefix.size()), ++names;
            continue;
        }
        for (const NextCharacter& next : source.next(prefix))
            waiting.emplace_back(prefix + next.character, p * next.probability);
    }
    CHECK(names == 28 * 40);
    CHECK(total == doctest::Approx(1).epsilon(1e-12));
    CHECK(source.entropy() == doctest::Approx(entropy).epsilon(1e-12));
    CHECK(source.mean_length() == doctest::Approx(length).epsilon(1e-12));
    CHECK(source.max_length() == static_cast<int>(longest));
    CHECK_THROWS_WITH_AS(Names(4), "names: 4 syllables at most, must be 1 to 3",
                         std::invalid_argument);
}

TEST_CASE("names: a fault is named at the letter where no name goes on") {
    const Names source;
    using Faults = std::vector<std::string>;
    CHECK(source.violations("marlo\n").empty());
    CHECK(source.violations("maqi\n") ==
          Faults{"no name that begins with \"maq\" goes on with \"i\""});
    CHECK(source.violations("m\n") == Faults{"no name ends after \"m\""});
    CHECK(source.violations("mar") == Faults{"name unfinished: the end of the line is missing"});
    CHECK(source.violations("xan\nbo\n") == Faults{"text goes on after the end: \"bo\\n\""});
}
