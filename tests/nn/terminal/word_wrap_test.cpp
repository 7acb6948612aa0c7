// SPDX-License-Identifier: MIT
#include "nn/terminal/word_wrap.h"

#include <doctest/doctest.h>

#include <vector>

#include "nn/text/display_width.h"
#include "nn/text/utf8.h"

namespace gradus {
namespace {

std::string in_pieces(std::string_view text, std::size_t characters, int columns) {
    WordWrap wrap;
    std::string out, piece;
    std::size_t held = 0;
    for (const std::string_view c : utf8_characters(text)) {
        piece += c;
        if (++held < characters) continue;
        out += wrap.feed(piece, columns);
        piece.clear(), held = 0;
    }
    out += wrap.feed(piece, columns);
    out += wrap.finish(columns);
    return out;
}

}  // namespace

TEST_CASE("word wrap: lines are broken between words, whatever pieces the text comes in") {
    for (const std::size_t size : {1u, 2u, 3u, 5u, 100u}) {
        CAPTURE(size);
        CHECK(in_pieces("the cat sat on the mat", size, 10) == "the cat\nsat on the\nmat");
        CHECK(in_pieces("one\ntwo three  four", size, 9) == "one\ntwo three\nfour");
        CHECK(in_pieces("  x ", size, 9) == "  x ");
        CHECK(in_pieces("", size, 9) == "");
        CHECK(in_pieces("a\n\n", size, 9) == "a\n\n");
        // A word wider than the line is broken where the line ends.
        CHECK(in_pieces("ab abcdefgh cd", size, 4) == "ab\nabcd\nefgh\ncd");
        // 森林 has no spaces; its characters are two columns wide.
        CHECK(in_pieces("森林里有一只鹿", size, 6) == "森林里\n有一只\n鹿");
        CHECK(in_pieces("a森林里", size, 6) == "a森林\n里");
    }
}

TEST_CASE("word wrap: no line is too wide, and only spaces become line breaks") {
    const std::string text =
        "Lily found a big red ball  in 公园 and naïveté\nran home, elephantine.";
    for (int columns = 2; columns < 60; ++columns) {
        CAPTURE(columns);
        const std::string out = in_pieces(text, 3, columns);
        std::string words, expected;
        std::size_t begin = 0;
        for (std::size_t end = 0; end != out.npos; begin = end + 1) {
            end = out.find('\n', begin);
            CHECK(display_width(out.substr(begin, end - begin)) <= columns);
        }
        for (const char c : out)
            if (c != ' ' && c != '\n') words += c;
        for (const char c : text)
            if (c != ' ' && c != '\n') expected += c;
        CHECK(words == expected);
    }
}

TEST_CASE("word wrap: what cannot change any more is printed at once") {
    WordWrap wrap;
    CHECK(wrap.feed("once upo", 40) == "once");
    CHECK(wrap.feed("n a time", 40) == " upon a");
    CHECK(wrap.finish(40) == " time");
}

}  // namespace gradus
