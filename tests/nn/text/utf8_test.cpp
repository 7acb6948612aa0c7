// SPDX-License-Identifier: MIT
#include "nn/text/utf8.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tensor/random.h"

using namespace gradus;

namespace {

// The whole text as a Utf8Stream shows it when it arrives in random pieces of at most `longest`
// bytes.
std::string streamed(std::string_view text, Random& random, std::uint64_t longest) {
    Utf8Stream stream;
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = 1 + random.below(longest);
        const std::string part = stream.feed(text.substr(i, n));
        CHECK(utf8_valid_prefix(part) == part.size());
        shown += part;
        i += n;
    }
    return shown + stream.finish();
}

}  // namespace

TEST_CASE("every code point survives encoding and decoding, and no surrogate can be encoded") {
    std::string text;
    Index n = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string one;
        utf8_append(one, c);
        const Utf8Step step = utf8_step(one);
        if (!step.valid || step.code_point != c || step.bytes != static_cast<int>(one.size()))
            FAIL_CHECK("U+", static_cast<unsigned>(c));
        ++n;
        if (c % 977 == 0) text += one;
    }
    CHECK(n == 0x110000 - 0x800);
    CHECK(utf8_encode(utf8_decode(text)) == text);
    CHECK(utf8_valid_prefix(text) == text.size());
    CHECK_THROWS_WITH_AS(utf8_append(text, 0xD800), "utf8: U+D800 is not a character",
                         std::invalid_argument);
    CHECK_THROWS_AS(utf8_append(text, 0x110000), std::invalid_argument);
}

TEST_CASE("text that no encoder writes is malformed at its first wrong byte") {
    struct Case {
        const char* text;
        std::size_t valid;
    };
    const Case cases[] = {
        {"a\x80", 1},  // a continuation with no beginning
        {"ab\xFF"
         "c",
         2},                              // no byte of UTF-8
        {"\xC0\xAF", 0},                  // '/' in two bytes: overlong
        {"\xC1\xBF", 0},                  // DEL, overlong
        {"\xE0\x80\xAF", 0},              // overlong in three
        {"\xF0\x80\x80\xAF", 0},          // overlong in four
        {"\xED\xA0\x80", 0},              // U+D800, a surrogate
        {"\xF4\x90\x80\x80", 0},          // U+110000
        {"\xF5\x80\x80\x80", 0},          // above that
        {"ok\xE6\x88", 2},                // cut short
        {"\xE6\x88\x90\xE8\xAF", 3},      // the second character is cut short
        {"\xED\x9F\xBF\xEE\x80\x80", 6},  // U+D7FF, U+E000: the neighbours of the surrogates
        {"\xF4\x8F\xBF\xBF", 4},          // U+10FFFF
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(utf8_valid_prefix(c.text) == c.valid);
    }
    CHECK(utf8_valid_prefix("") == 0);
}

TEST_CASE("malformed bytes are replaced in the number of places that the standard recommends") {
    // The Unicode Standard, table 3-8 and the rows around it (U+FFFD for each maximal subpart).
    const std::u32string r(1, kReplacement);
    CHECK(utf8_decode("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                      "A") == r + r + r + r + r + r + r + r + U"A");
    CHECK(utf8_decode("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
                      "A") == r + r + r + r + r + r + r + r + U"A");
    CHECK(utf8_decode("\xF4\x91\x92\x93\xFF"
                      "A\x80\xBF"
                      "B") == r + r + r + r + r + U"A" + r + r + U"B");
    CHECK(utf8_decode("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                      "A") == r + r + r + r + U"A");
    CHECK(utf8_count("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                     "A") == 5);
}

TEST_CASE("a count of code points is not a count of bytes") {
    CHECK(utf8_count("") == 0);
    CHECK(utf8_count("plain") == 5);
    CHECK(utf8_count("成语接龙") == 4);
    CHECK(utf8_count("naïve 👍🏽") == 8);
}

TEST_CASE("a position in a text is a line and a column, in characters") {
    const std::string text = "one\n成语x\n\nend";
    CHECK(text_position(text, 0).line == 1);
    CHECK(text_position(text, 0).column == 1);
    CHECK(text_position(text, 3).column == 4);  // a line ending belongs to the line it ends
    CHECK(text_position(text, 10).line == 2);   // x: after two characters of three bytes
    CHECK(text_position(text, 10).column == 3);
    CHECK(text_position(text, text.size()).line == 4);
    CHECK(text_position(text, text.size()).column == 4);
    CHECK(utf8_complaint("ab\n\xE6\x88\x90\xFF", 6) ==
          "not UTF-8: byte 0xFF at offset 6 (line 2, column 2)");
}

TEST_CASE("a character is named so that it can be seen in a message") {
    CHECK(code_point_name(U'é') == "'é' (U+00E9)");
    CHECK(code_point_name(U'\n') == "U+000A");
    CHECK(code_point_name(0x85) == "U+0085");
    CHECK(code_point_name(0x301) == "U+0301");   // would combine with the quotation mark
    CHECK(code_point_name(0x202E) == "U+202E");  // would reverse the rest of the line
    CHECK(code_point_name(U'龙') == "'龙' (U+9F99)");
    CHECK(code_point_name(0x1F44D) == "'👍' (U+1F44D)");
}

TEST_CASE("a stream of bytes gives a character when its last byte has come") {
    Utf8Stream stream;
    CHECK(stream.feed("a\xE6") == "a");
    CHECK(stream.feed("\x88") == "");
    CHECK(stream.feed("\x90\xF0\x9F") == "成");
    CHECK(stream.feed("\x91\x8D!") == "👍!");
    CHECK(stream.finish() == "");
    CHECK(stream.feed("\xE6") == "");
    CHECK(stream.feed("x") == "\uFFFDx");  // the character was never completed
    CHECK(stream.feed("\xF0\x9F\x91") == "");
    CHECK(stream.finish() == "\uFFFD");
    CHECK(stream.finish() == "");
    CHECK(stream.feed("\x8D") == "\uFFFD");  // finish() discarded what was pending
}

TEST_CASE("however bytes are split, a stream shows what decoding them at once shows") {
    Random random(20240611, Stream::user);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (int i = 0; i < 40; ++i) {  // characters, and bytes that look like parts of them
            if (random.below(2))
                utf8_append(text, std::u32string_view(U"aé成👍")[random.below(4)]);
            else
                text += static_cast<char>(0x70 + random.below(0x90));
        }
        const std::string whole = utf8_encode(utf8_decode(text));
        CHECK(streamed(text, random, 1) == whole);
        CHECK(streamed(text, random, 7) == whole);
    }
}

TEST_CASE("utf8_characters splits UTF-8 into code points and leaves malformed bytes alone") {
    using Split = std::vector<std::string_view>;
    CHECK(utf8_characters("").empty());
    CHECK(utf8_characters("aé中😀") == Split{"a", "é", "中", "😀"});
    CHECK(utf8_characters("\xE4\xB8") == Split{"\xE4", "\xB8"});              // cut off
    CHECK(utf8_characters("\xC0\x80") == Split{"\xC0", "\x80"});              // overlong
    CHECK(utf8_characters("\xED\xA0\x80") == Split{"\xED", "\xA0", "\x80"});  // a surrogate
    CHECK(utf8_characters("\xF4\x90\x80\x80").size() == 4);                   // above U+10FFFF
    CHECK(in_quotes("a\n\x01\xFFz") == "\"a\\n\\x01\\xFFz\"");
    CHECK(in_quotes("\xC2\x9B") == "\"\\xC2\\x9B\"");  // the 8-bit escape of terminals
    CHECK(in_quotes(std::string(30, 'x')) == "\"" + std::string(24, 'x') + "...\"");
}
