// SPDX-License-Identifier: MIT
#include "nn/data/tales.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

const std::string kStory =
    "Mia Fox found six red kites at sea. She gave Ben two and a hug. "
    "Now Mia Fox has four red kites and Ben has two.\n";
const std::string kStoryZh =
    "松鼠朵朵在河边捡到七个红苹果，分给阿宝五个。松鼠朵朵还剩两个红苹果，阿宝抱着五个，乐了。\n";

// `story` with the last (or first) `from` replaced by `to`.
std::string edit(std::string story, const std::string& from, const std::string& to,
                 bool last = true) {
    const std::size_t at = last ? story.rfind(from) : story.find(from);
    REQUIRE(at != story.npos);
    return story.replace(at, from.size(), to);
}

// All violations, one per line, for searching.
std::string complaints(const TextSource& source, const std::string& text) {
    std::string all;
    for (const std::string& violation : source.violations(text)) all += violation + "\n";
    return all;
}

std::map<std::string, double> distribution(const TextSource& source, const std::string& prefix) {
    std::map<std::string, double> result;
    for (const NextCharacter& next : source.next(prefix)) result[next.character] = next.probability;
    return result;
}

// A toy whose numbers can all be worked out by hand: {a} is x or yy; {b} is 1 after x, 1 or 22
// after yy.
TaleGrammar toy() {
    return {"toy",
            "x",
            "{a}-{b}-{a}\n",
            {{"a", {"x", "yy"}},
             {"b",
              {"1", "22"},
              {"a"},
              [](const std::vector<int>& given) {
                  return given[0] == 0 ? std::vector<int>{0} : std::vector<int>{0, 1};
              },
              "x is followed by 1"}}};
}

}  // namespace

TEST_CASE("a toy grammar has the entropy, lengths and probabilities worked out by hand") {
    const Tales source(toy());
    CHECK(source.entropy() == doctest::Approx(1.5 * std::numbers::ln2).epsilon(1e-14));
    CHECK(source.mean_length() == doctest::Approx(0.5 * 6 + 0.25 * 8 + 0.25 * 9).epsilon(1e-14));
    CHECK(source.max_length() == 9);
    CHECK(source.alphabet() == std::vector<std::string>{"\n", "-", "1", "2", "x", "y"});
    CHECK(source.logprob("x-1-x\n") == doctest::Approx(-std::numbers::ln2).epsilon(1e-14));
    CHECK(source.logprob("yy-22-yy\n") == doctest::Approx(-2 * std::numbers::ln2).epsilon(1e-14));
    CHECK(source.logprob("x-22-x\n") == -INFINITY);
    CHECK(source.logprob("x-1-yy\n") == -INFINITY);
    CHECK(source.logprob("x-1-x") == -INFINITY);
    CHECK(distribution(source, "") == std::map<std::string, double>{{"x", 0.5}, {"y", 0.5}});
    CHECK(distribution(source, "x-") == std::map<std::string, double>{{"1", 1}});
    CHECK(distribution(source, "yy-") == std::map<std::string, double>{{"1", 0.5}, {"2", 0.5}});
    CHECK(source.violations("x-22-x\n") ==
          std::vector<std::string>{"b is \"22\", not \"1\": x is followed by 1"});
    CHECK(source.violations("x-1-yy\n") ==
          std::vector<std::string>{"a changes from \"x\" to \"yy\""});
}

TEST_CASE("a derivation's cost is the story's -log p: the grammars are unambiguous") {
    for (const TaleGrammar& grammar : {english_tales(), chinese_tales()}) {
        const Tales source(grammar);
        for (int i = 0; i < (kSanitized ? 200 : 2000); ++i) {
            Random random(1, Stream::data, i);
            const Tales::Derivation d = source.derive(random);
            CAPTURE(d.document);
            REQUIRE(d.document == source.document(1, i));
            REQUIRE(std::abs(d.cost + source.logprob(d.document)) <= 1e-9);
            double oracle = 0;
            if (i < 100) {
                for (double nats : source.surprisal(d.document)) oracle += nats;
                REQUIRE(std::abs(d.cost - oracle) <= 1e-9);
            }
        }
    }
}

TEST_CASE("the entropies are the sums of their choices") {
    double given = 0;  // E[log(n - 1)] for n uniform in 2..9
    for (int n = 2; n <= 9; ++n) given += std::log(n - 1.0) / 8;
    const double en = std::log(16.0 * 8 * 8 * 4 * 8 * 8 * 3) + given;
    const double zh = std::log(8.0 * 8 * 8 * 8 * 4 * 8 * 3) + given;
    CHECK(Tales(english_tales()).entropy() == doctest::Approx(en).epsilon(1e-12));
    CHECK(Tales(chinese_tales()).entropy() == doctest::Approx(zh).epsilon(1e-12));
}

TEST_CASE("what is said again costs nothing") {
    const Tales source(english_tales());
    const auto nats = source.surprisal(kStory);
    const std::size_t again = kStory.find(" and a hug");
    for (std::size_t i = again; i < nats.size(); ++i) CHECK(nats[i] == doctest::Approx(0));
}

TEST_CASE("next knows the rules of the English tales") {
    const Tales source(english_tales());
    const std::string start = "Mia Fox found three red kites at sea. ";
    CHECK(distribution(source, start) == std::map<std::string, double>{{"S", 1}});
    CHECK(distribution(source, "Ben Fox found three red kites at sea. ") ==
          std::map<std::string, double>{{"H", 1}});
    // Mia's friends are Eva, Ben and Tom; friendship goes both ways.
    CHECK(distribution(source, start + "She gave ") ==
          std::map<std::string, double>{{"B", 1.0 / 3}, {"E", 1.0 / 3}, {"T", 1.0 / 3}});
    CHECK(distribution(source, "Ben Fox found three red kites at sea. He gave ") ==
          std::map<std::string, double>{{"E", 1.0 / 3}, {"M", 1.0 / 3}, {"T", 1.0 / 3}});
    // One or two of three; then two or one remain.
    const auto given = distribution(source, start + "She gave Ben ");
    CHECK(given.size() == 2);
    CHECK(given.at("o") == doctest::Approx(0.5));
    CHECK(given.at("t") == doctest::Approx(0.5));
    const std::string now = " and a hug. Now Mia Fox has ";
    CHECK(distribution(source, start + "She gave Ben one" + now).begin()->first == "t");
    CHECK(distribution(source, start + "She gave Ben two" + now).begin()->first == "o");
    // One kite, but two kites.
    CHECK(distribution(source, start + "She gave Ben two" + now + "one red kite").begin()->first ==
          " ");
    CHECK(distribution(source, start + "She gave Ben one" + now + "two red kite").begin()->first ==
          "s");
}

TEST_CASE("next knows the rules of the Chinese tales") {
    const Tales source(chinese_tales());
    const auto friends = distribution(source, "松鼠朵朵在河边捡到七个红苹果，分给");
    CHECK(friends.count("朵") == 0);
    CHECK(friends.at("阿") == doctest::Approx(2.0 / 3));
    CHECK(friends.at("豆") == doctest::Approx(1.0 / 3));
    CHECK(distribution(source, "松鼠朵朵在河边捡到三个红苹果，分给阿宝").size() == 2);
    CHECK(distribution(source, "松鼠朵朵在河边捡到三个红苹果，分给阿宝一个。松鼠朵朵还剩") ==
          std::map<std::string, double>{{"两", 1}});
}

TEST_CASE("the checker accepts a right story and names each rule that a wrong one breaks") {
    const Tales source(english_tales());
    REQUIRE(complaints(source, kStory) == "");
    const auto said = [&](const std::string& from, const std::string& to, bool last = true) {
        return complaints(source, edit(kStory, from, to, last));
    };
    CHECK(said("Mia", "Eva") == "hero changes from \"Mia\" to \"Eva\"\n");
    CHECK(said("Fox", "Owl") == "kind changes from \"Fox\" to \"Owl\"\n");
    CHECK(said("red", "blue") == "colour changes from \"red\" to \"blue\"\n");
    CHECK(said("Ben", "Tom") == "friend changes from \"Ben\" to \"Tom\"\n");
    CHECK(said("two", "three") == "number given changes from \"two\" to \"three\"\n");
    CHECK(said("She", "He") == "pronoun is \"He\", not \"She\": the pronoun follows the hero\n");
    CHECK(said("four", "five") == "number left is \"five\", not \"four\": found - given = left\n");
    CHECK(said("kites", "hats") ==
          "thing left is \"hats\", not \"kites\": the same thing as before, and singular after "
          "one\n");
    CHECK(said("kites", "kite") ==
          "thing left is \"kite\", not \"kites\": the same thing as before, and singular after "
          "one\n");
    CHECK(contains(said("kites", "kite", false), "thing is \"kite\": two or more are plural"));
    CHECK(contains(said("Ben", "Mia", false),
                   "friend is \"Mia\": the friend is one of the hero's three friends"));
    CHECK(contains(said("six", "one", false), "number found is \"one\": at least two are found"));
    CHECK(contains(said("two", "six", false),
                   "number given is \"six\": fewer are given than were found"));
}

TEST_CASE("the checker accepts a right Chinese story and names each rule that a wrong one breaks") {
    const Tales source(chinese_tales());
    REQUIRE(complaints(source, kStoryZh) == "");
    const auto said = [&](const std::string& from, const std::string& to, bool last = true) {
        return complaints(source, edit(kStoryZh, from, to, last));
    };
    CHECK(said("松鼠", "狐狸") == "kind changes from \"松鼠\" to \"狐狸\"\n");
    CHECK(said("朵朵", "豆豆") == "hero changes from \"朵朵\" to \"豆豆\"\n");
    CHECK(said("红", "绿") == "colour changes from \"红\" to \"绿\"\n");
    CHECK(said("苹果", "桃子") == "thing changes from \"苹果\" to \"桃子\"\n");
    CHECK(said("阿宝", "阿福") == "friend changes from \"阿宝\" to \"阿福\"\n");
    CHECK(said("五", "六") == "number given changes from \"五\" to \"六\"\n");
    CHECK(said("两", "三") == "number left is \"三\", not \"两\": found - given = left\n");
    CHECK(said("两", "二") == "unknown word \"二\" for number left\n");
    CHECK(contains(said("阿宝", "朵朵", false),
                   "friend is \"朵朵\": the friend is one of the hero's three friends"));
    CHECK(contains(said("七", "一", false), "number found is \"一\": at least two are found"));
    CHECK(contains(said("五", "九", false),
                   "number given is \"九\": fewer are given than were found"));
}

TEST_CASE("the checker points at unknown words, missing words and broken sentences, and reads on") {
    const Tales source(english_tales());
    const auto said = [&](const std::string& from, const std::string& to) {
        return complaints(source, edit(kStory, from, to, false));
    };
    CHECK(said("at sea", "at Zea") == "unknown word \"at Zea\" for place\n");
    CHECK(said("red", "rude") ==
          "unknown word \"rude\" for colour\ncolour changes from \"rude\" to \"red\"\n");
    CHECK(contains(said("found", "fuond"), "\" fuond \" instead of \" found \""));
    CHECK(contains(said(" at sea", " "), "place is missing before \". She gave"));
    CHECK(contains(said("and a hug", "and a mug"), "instead of"));
    // Two mistakes, far apart: both are found.
    const std::string two = edit(edit(kStory, "found", "fnd", false), "four", "five");
    CHECK(contains(complaints(source, two), "instead of \" found \""));
    CHECK(contains(complaints(source, two), "found - given = left"));
    CHECK(contains(complaints(source, "Once upon a time there was a duck.\n"),
                   "unknown word \"Once\" for hero"));
}

TEST_CASE("the checker says where a story stops, and that one goes on too long") {
    for (const Tales& source : {Tales(english_tales()), Tales(chinese_tales())}) {
        const std::string& story = source.name() == "tales" ? kStory : kStoryZh;
        for (std::size_t cut = 0; cut < story.size(); ++cut) {
            CAPTURE(cut);
            const auto violations = source.violations(story.substr(0, cut));
            REQUIRE(violations.size() == 1);
            REQUIRE(contains(violations[0], "story unfinished: it stops after "));
        }
        const std::string first = story.substr(0, story.find_first_of("\n"));
        CHECK(contains(complaints(source, story + first), "text goes on after the end: "));
    }
    CHECK(complaints(Tales(english_tales()), kStory.substr(0, 21)) ==
          "story unfinished: it stops after \"ox found six red\"\n");
}

TEST_CASE("a broken grammar is refused with the blank's name") {
    const auto refused = [](TaleGrammar grammar, const std::string& what) {
        try {
            const Tales source(std::move(grammar));
        } catch (const std::invalid_argument& error) {
            CAPTURE(error.what());
            return contains(error.what(), what);
        }
        return false;
    };
    TaleGrammar g = toy();
    g.blanks[0].words = {"x", "xy"};
    CHECK(refused(g, "blank \"a\" is ambiguous: \"x\" begins \"xy\""));
    g = toy();
    g.blanks[0].words = {"x", "x"};
    CHECK(refused(g, "ambiguous"));
    g = toy();
    g.blanks[0].words.clear();
    CHECK(refused(g, "blank \"a\" can be left without a word"));
    g = toy();
    g.story = "{a}-{c}\n";
    CHECK(refused(g, "no blank called \"c\""));
    g.story = "{a}-{b\n";
    CHECK(refused(g, "never closed"));
    g.story = "{a}\n";
    CHECK(refused(g, "never mentions blank \"b\""));
    g.story = "{b}-{a}\n";
    CHECK(refused(g, "mentioned before \"a\""));
    g.story = "{a}-{b}";
    CHECK(refused(g, "not one line"));
    g.story = "{a}\n{b}\n";
    CHECK(refused(g, "not one line"));
    g = toy();
    g.blanks[1].given = {"b"};
    CHECK(refused(g, "depends on \"b\", which comes later"));
    g.blanks[1].given = {"z"};
    CHECK(refused(g, "no blank called \"z\""));
}
