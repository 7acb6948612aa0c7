// SPDX-License-Identifier: MIT
#include "nn/tokenizers/charsmap.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/tokenizers/small_charsmap.h"

using namespace gradus;

namespace {

std::string charsmap_error(const std::string& blob) {
    try {
        Charsmap rules(blob);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("at each position the longest rule applies, and other characters stay") {
    const Charsmap rules(
        charsmap_blob({{"ﬁ", "fi"}, {"e\u0301", "é"}, {"e", "E"}, {"\t", " "}, {"\x7F", ""}}));
    CHECK(rules.apply("") == "");
    CHECK(rules.apply("plain t\u0301") == "plain t\u0301");
    CHECK(rules.apply("ﬁe e\u0301e\u0302") == "fiE éE\u0302");
    CHECK(rules.apply("\ta\x7F"
                      "b") == " ab");
    CHECK(rules.apply("a\xFF"
                      "e\xEF\xAC") == "a\uFFFDE\uFFFD\uFFFD");  // per byte
    CHECK(rules.apply(std::string_view("e\0e", 3)) == std::string_view("E\0E", 3));
    CHECK(Charsmap(charsmap_blob({})).apply("e") == "e");
}

TEST_CASE("a charsmap that reaches outside itself is refused") {
    const std::string good = charsmap_blob({{"ab", "x"}, {"a", "y"}});
    CHECK(charsmap_error(good) == "");
    CHECK(charsmap_error("") == "charsmap: 0 bytes, but its size alone takes 4");
    CHECK(charsmap_error(std::string(4, '\0')) ==
          "charsmap: a trie of 0 bytes, must be a multiple of 4 and at most 0");
    CHECK(charsmap_error(good.substr(0, 100)) ==
          "charsmap: a trie of 4096 bytes, must be a multiple of 4 and at most 96");
    std::string text = good;
    text[good.size() - 2] = '\xFF';
    CHECK(charsmap_error(text) ==
          "charsmap: the replacements are not UTF-8 that ends in a zero byte");
    CHECK(charsmap_error(good.substr(0, good.size() - 1)) ==
          "charsmap: the replacements are not UTF-8 that ends in a zero byte");
    const std::string cut = good.substr(0, 4 + 4096) + std::string("x\0", 2);
    CHECK(charsmap_error(cut) == "charsmap: unit 610 of the trie has no replacement");
    // The node for "ab" is given the base of the root, so that "ababab..." would never end.
    std::string circle = good;
    set_unit(circle, 610, charsmap_unit(610, 256, 'b') & ~0x100U);
    CHECK(charsmap_error(circle) == "charsmap: unit 353 of the trie follows itself");
}

TEST_CASE("a damaged charsmap is refused or can be applied") {
    Random random(20241104, Stream::user);
    const std::string good = charsmap_blob({{"ab", "x"}, {"a", "y"}, {"é", "e"}});
    int refused = 0;
    for (int round = 0; round < 1000; ++round) {
        std::string blob = good;
        // Among the units that are used, and the texts.
        const std::size_t used[] = {4 + 4, 4 + 4 * 353, 4 + 4 * 610, blob.size() - 8};
        blob[used[random.below(4)] - 4 + random.below(8)] = static_cast<char>(random.below(256));
        if (round % 5 == 0) blob.resize(random.below(blob.size()));
        try {
            Charsmap(blob).apply("abé aab ababab \xFF");
        } catch (const std::invalid_argument&) {
            ++refused;
        }
    }
    CHECK(refused > 200);
}
