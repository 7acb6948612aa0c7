// SPDX-License-Identifier: MIT
// Each rule on texts that were split by its regular expression (Python's regex 2026.5.9, which agreed
// on 250,000 random strings of Unicode 14's characters), and whole text against pieces.
#include "nn/tokenizers/pretokens.h"

#include <doctest/doctest.h>

#include "nn/text/utf8.h"
#include "tensor/random.h"

using namespace gradus;

namespace {

using Words = std::vector<std::string_view>;

// Whatever may be cut in the wrong place.
std::string hard_text(Random& random, std::size_t length) {
    const std::vector<std::string> parts = {" ",  "  ", "\n", "\r", "\t", "\u3000", "'",   "'l",
                                            "'S", "ſ",  "LL", "r",  "e",  "we",     "é",   "成语",
                                            "，", "12", "½",  "!",  "/",  "👍",      "\xFF"};
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += parts[random.below(parts.size())];
    return text;
}

}  // namespace

TEST_CASE("text is split as cl100k's expression splits it") {
    const std::pair<const char*, Words> known[] = {
        {"Hello, world!", {"Hello", ",", " world", "!"}},
        {"I'll WE'RE it'S a'ſ 'LLama",
         {"I", "'ll", " WE", "'RE", " it", "'S", " a", "'ſ", " '", "LLama"}},
        {"'ſa 'Sa 'rEa", {"'ſ", "a", " '", "Sa", " '", "rEa"}},
        {"x'ſa-'Sa-'rEa", {"x", "'ſ", "a", "-'", "Sa", "-'", "rEa"}},
        {"\"quoted\" (word) \tx", {"\"quoted", "\"", " (", "word", ")", " ", "\tx"}},
        {"1234567 ½3", {"123", "456", "7", " ", "½3"}},
        {"end.\n\n  next\r\n \r\n x", {"end", ".\n\n", " ", " next", "\r\n \r\n", " x"}},
        {"today\n ", {"today", "\n", " "}},
        {"today\n \n", {"today", "\n \n"}},
        {"a   ", {"a", "   "}},
        {"\n\n\nx", {"\n\n\n", "x"}},
        {"\u3000中文，中文", {"\u3000中文", "，中文"}},
        {" !?\n\nx", {" !?\n\n", "x"}},
        {"\xFFgo", {"\xFFgo"}},
    };
    for (const auto& example : known) {
        const auto& [text, words] = example;
        CAPTURE(example.first);
        CHECK(split_words(text, Split::cl100k) == words);
    }
}

TEST_CASE("Qwen2 splits every number from the next, and so does SmolLM, otherwise as GPT-2") {
    CHECK(split_words("in 1234\n", Split::qwen2) == Words{"in", " ", "1", "2", "3", "4", "\n"});
    CHECK(split_words("in  1234 x's\n\n y", Split::digits) ==
          Words{"in", "  ", "1", "2", "3", "4", " x", "'s", "\n\n", " y"});
    CHECK(split_words("a  b 2  ", Split::digits) == Words{"a", " ", " b", " ", "2", "  "});
    CHECK(split_words("any 'thing'", Split::none) == Words{"any 'thing'"});
    CHECK(split_words("", Split::none).empty());
}

TEST_CASE("words are never empty, joined they are the text, and text in pieces gives the same") {
    Random random(5, Stream::user);
    for (const Split split :
         {Split::none, Split::gpt2, Split::digits, Split::cl100k, Split::qwen2}) {
        for (int round = 0; round < 3000; ++round) {
            const std::string text = hard_text(random, 1 + static_cast<std::size_t>(round % 12));
            CAPTURE(text);
            const Words whole = split_words(text, split);
            std::string joined;
            for (const auto word : whole) {
                CHECK_FALSE(word.empty());
                joined += word;
            }
            REQUIRE(joined == text);

            std::vector<std::string> words;
            WordStream stream([&](std::string_view word) { words.emplace_back(word); }, split);
            std::string piece;
            for (const auto character : utf8_characters(text)) {
                piece += character;
                if (random.below(3) > 0) continue;
                stream.feed(piece);
                piece.clear();
            }
            stream.feed(piece);
            stream.finish();
            REQUIRE(words == std::vector<std::string>(whole.begin(), whole.end()));
        }
    }
}
