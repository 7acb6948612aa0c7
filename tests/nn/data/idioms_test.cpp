// SPDX-License-Identifier: MIT
#include "nn/data/idioms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "nn/text/utf8.h"

using namespace gradus;

namespace {

// Two can follow the first of them, one each of the others: 甲..乙, then 乙..甲 of either kind.
const char* const kSmall = "甲一一乙 乙二二甲 乙三三甲 丙四四甲 甲五五丁";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

bool mentions(const std::vector<std::string>& violations, const std::string& what) {
    return std::any_of(violations.begin(), violations.end(),
                       [&](const std::string& v) { return v.find(what) != v.npos; });
}

}  // namespace

TEST_CASE("only idioms that can go round for ever are used") {
    // 丙四四甲 can never come again, and nothing comes after 甲五五丁.
    CHECK(Idioms(kSmall).idioms() == std::vector<std::string>{"甲一一乙", "乙二二甲", "乙三三甲"});
    // Of two cycles, the one with more idioms.
    CHECK(Idioms("甲一一乙 乙一一甲 丙一一丁 丁一一丙 丁二二丙").idioms().size() == 3);
    CHECK(Idioms("甲一一甲").idioms().size() == 1);
}

TEST_CASE("a small chain has the entropy worked out by hand") {
    // One idiom: any of three. Two: a third of the time two can follow. Three: by then two thirds
    // of the time.
    CHECK(Idioms(kSmall, 1).entropy() == doctest::Approx(std::log(3.0)).epsilon(1e-14));
    CHECK(Idioms(kSmall, 2).entropy() ==
          doctest::Approx(std::log(3.0) + std::numbers::ln2 / 3).epsilon(1e-14));
    CHECK(Idioms(kSmall, 3).entropy() ==
          doctest::Approx(std::log(3.0) + std::numbers::ln2).epsilon(1e-14));
    CHECK(Idioms(kSmall, 3).max_length() == 15);
    // In the limit: every second choice is between two, though the walk has period 2.
    CHECK(Idioms(kSmall).entropy_rate() == doctest::Approx(std::numbers::ln2 / 2).epsilon(1e-12));
}

TEST_CASE("the entropy is the sum over all documents of -p log p") {
    // All chains of four: enumerated through next(), which must then agree with logprob().
    const Idioms source(kSmall, 4);
    double entropy = 0, total = 0;
    int documents = 0;
    std::vector<std::pair<std::string, double>> waiting = {{"", 1}};
    while (!waiting.empty()) {
        const auto [prefix, p] = waiting.back();
        waiting.pop_back();
        if (!prefix.empty() && prefix.back() == '\n') {
            CHECK(source.logprob(prefix) == doctest::Approx(std::log(p)));
            CHECK(source.violations(prefix).empty());
            entropy -= p * std::log(p), total += p, ++documents;
            continue;
        }
        for (const NextCharacter& next : source.next(prefix))
            waiting.emplace_back(prefix + next.character, p * next.probability);
    }
    CHECK(documents ==
          4 + 4);  // 甲..乙 first: two choices twice; 乙..甲 first: 2 of them, one choice of two
    CHECK(total == doctest::Approx(1));
    CHECK(source.entropy() == doctest::Approx(entropy).epsilon(1e-12));
}

TEST_CASE("the built-in list has 510 idioms of four characters, of which 299 make chains") {
    std::set<std::string> entries;
    std::string_view list = kIdiomList;
    for (std::string_view c : utf8_characters(list))
        CHECK((c.size() == 3 || c == " " || c == "\n"));
    const Idioms source;
    CHECK(source.idioms().size() == 299);
    CHECK(source.entropy_rate() / std::numbers::ln2 == doctest::Approx(0.95378).epsilon(1e-5));
    std::set<std::string> begins, ends;
    for (const std::string& idiom : source.idioms()) {
        CHECK(entries.insert(idiom).second);
        CHECK(list.find(idiom) != list.npos);
        begins.insert(idiom.substr(0, 3));
        ends.insert(idiom.substr(9));
        CHECK(idiom.substr(0, 3) != idiom.substr(9));  // no idiom follows itself
    }
    CHECK(begins == ends);
    CHECK(begins.size() == 145);
    CHECK(std::count(list.begin(), list.end(), ' ') + std::count(list.begin(), list.end(), '\n') -
              1 ==
          510);
}

TEST_CASE("the first character of an idiom is forced by the one before") {
    const Idioms source;
    for (int i = 0; i < 50; ++i) {
        const std::string document = source.document(1, i);
        const auto nats = source.surprisal(document);
        for (std::size_t k = 5; k < nats.size(); k += 5) {
            CHECK(nats[k] == doctest::Approx(0));      // the linking character
            CHECK(nats[k - 1] == doctest::Approx(0));  // the comma
        }
    }
}

TEST_CASE("the referee names broken links, strange idioms and wrong counts") {
    const Idioms source(kSmall, 3);
    const std::string chain = "甲一一乙，乙二二甲，甲一一乙\n";
    REQUIRE(source.violations(chain).empty());
    CHECK(source.violations(replaced(chain, "乙二二甲", "甲一一乙")) ==
          std::vector<std::string>{
              "broken link: \"甲一一乙\" ends in \"乙\", but \"甲一一乙\" begins with \"甲\"",
              "broken link: \"甲一一乙\" ends in \"乙\", but \"甲一一乙\" begins with \"甲\""});
    CHECK(source.violations(replaced(chain, "乙二二甲", "乙九九甲")) ==
          std::vector<std::string>{"\"乙九九甲\" is not an idiom of the list"});
    CHECK(source.violations(replaced(chain, "，甲一一乙", "")) ==
          std::vector<std::string>{"a chain has 3 idioms, this one has 2"});
    CHECK(source.violations(replaced(chain, "\n", "，乙二二甲\n")) ==
          std::vector<std::string>{"a chain has 3 idioms, this one has 4"});
    CHECK(source.violations(replaced(chain, "\n", "")) ==
          std::vector<std::string>{"chain unfinished: the end of the line is missing"});
    CHECK(source.violations(chain + "甲") ==
          std::vector<std::string>{"text goes on after the end: \"甲\""});
    CHECK(mentions(source.violations(replaced(chain, "，", ",")), "is not an idiom of the list"));
    CHECK(mentions(source.violations(replaced(chain, "乙二二甲", "")),
                   "\"\" is not an idiom of the list"));
    // An idiom of the list that makes no chain is a strange one too, and its broken link is seen.
    CHECK(mentions(source.violations(replaced(chain, "乙二二甲", "丙四四甲")), "ends in \"乙\""));
}

TEST_CASE("a list that cannot be played with is refused") {
    CHECK_THROWS_WITH_AS(Idioms("甲乙丙"),
                         "idioms: \"甲乙丙\" does not have four Chinese characters",
                         std::invalid_argument);
    CHECK_THROWS_AS(Idioms("abcd"), std::invalid_argument);
    CHECK_THROWS_AS(Idioms("甲乙，丙"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(Idioms("甲一一乙 乙一一甲 甲一一乙"),
                         "idioms: \"甲一一乙\" is in the list twice", std::invalid_argument);
    CHECK_THROWS_WITH_AS(Idioms("甲一一乙 丙一一丁"),
                         "idioms: no chain of this list can go round (2 entries)",
                         std::invalid_argument);
    CHECK_THROWS_AS(Idioms(""), std::invalid_argument);
    CHECK_THROWS_AS(Idioms(kSmall, 0), std::invalid_argument);
}
