// SPDX-License-Identifier: MIT
#include "nn/tokenizers/trie.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tensor/error.h"
#include "tensor/random.h"

using namespace gradus;

TEST_CASE("a trie finds every string that a text begins with, the shortest first") {
    Random random(20241105, Stream::user);
    const auto word = [&](std::uint64_t longest) {
        std::string text;
        for (std::uint64_t i = 1 + random.below(longest); i > 0; --i)
            text += "ab\x80\xFF"[random.below(4)];
        return text;
    };
    for (int round = 0; round < 100; ++round) {
        std::map<std::string, int> strings;
        for (int i = 0; i < 20; ++i) strings[word(4)] = i;
        for (int c = 0; round % 2 && c < 256; ++c)
            strings[std::string(1, static_cast<char>(c))] = c;
        const Trie trie({strings.begin(), strings.end()});
        const std::string text = word(6);
        std::vector<std::pair<std::size_t, int>> found, expected;
        trie.matches(text, [&](std::size_t length, int id) { found.emplace_back(length, id); });
        for (std::size_t length = 1; length <= text.size(); ++length)
            if (const auto at = strings.find(text.substr(0, length)); at != strings.end())
                expected.emplace_back(length, at->second);
        CHECK(found == expected);
        const Trie::Match match = trie.longest(text);
        CHECK(match.length == (expected.empty() ? 0 : expected.back().first));
        CHECK(match.id == (expected.empty() ? -1 : expected.back().second));
    }
}

TEST_CASE("a trie of nothing finds nothing, and a string may not be empty or there twice") {
    CHECK(Trie().longest("a").length == 0);
    CHECK(Trie({{"a", 1}}).longest("").length == 0);
    CHECK_THROWS_WITH_AS(Trie({{"a", 1}, {"", 2}}), "trie: an empty string", std::invalid_argument);
    CHECK_THROWS_WITH_AS(Trie({{"a", 1}, {"b", 2}, {"a", 3}}), "trie: \"a\" occurs twice",
                         std::invalid_argument);
}
