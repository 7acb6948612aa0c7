// SPDX-License-Identifier: MIT
#include "nn/text/display_width.h"

#include <doctest/doctest.h>

#include "nn/text/utf8.h"

using namespace gradus;

TEST_CASE("ideographs and emoji take two columns, accents none") {
    CHECK(display_width("") == 0);
    CHECK(display_width("loss 1.25") == 9);
    CHECK(display_width("成语接龙，") == 10);
    CHECK(display_width("カタカナ") == 8);
    CHECK(display_width("ｶﾀｶﾅ") == 4);  // the half-width forms
    CHECK(display_width("한국어") == 6);
    CHECK(display_width("Ａ") == 2);  // the full-width form
    CHECK(display_width("👍") == 2);
    CHECK(display_width("naïve") == 5);
    CHECK(display_width("nai\u0308ve") == 5);  // the same with a combining mark
    CHECK(display_width("a\u200Bb") == 2);     // zero-width space
    CHECK(display_width("\u00AD") == 1);       // soft hyphen
    CHECK(display_width("▀░▒▓█│⣿─") == 8);     // the characters that pictures in the terminal use
    CHECK(display_width("\x1b\n\t") == 0);
    CHECK(display_width("\xFF") == 1);  // shown as U+FFFD
}

TEST_CASE("the edges of the tables of widths are where Unicode 14 puts them") {
    struct Case {
        char32_t c;
        int width;
    };
    const Case cases[] = {{0x2FF, 1},   {0x300, 0},    {0x36F, 0},   {0x370, 1},   {0x10FF, 1},
                          {0x1100, 2},  {0x115F, 2},   {0x1160, 0},  {0x11FF, 0},  {0x1200, 1},
                          {0x231A, 2},  {0x2E7F, 1},   {0x2E80, 2},  {0x303E, 2},  {0x303F, 1},
                          {0x3041, 2},  {0x4DBF, 2},   {0x4DC0, 1},  {0x4E00, 2},  {0x9FFF, 2},
                          {0xAC00, 2},  {0xD7A3, 2},   {0xF900, 2},  {0xFE0F, 0},  {0xFF01, 2},
                          {0xFF60, 2},  {0xFF61, 1},   {0xFFE0, 2},  {0xFFFD, 1},  {0x1F300, 2},
                          {0x20000, 2}, {0x3FFFD, 2},  {0x3FFFE, 1}, {0xE0100, 0}, {0xE01EF, 0},
                          {0xE01F0, 1}, {0x10FFFF, 1}, {0xAD, 1},    {0x9F, 0},    {0xA0, 1}};
    for (const Case& c : cases) {
        CAPTURE(code_point_name(c.c));
        CHECK(display_width(c.c) == c.width);
    }
}

TEST_CASE("a text is cut to a width between characters, accents staying with theirs") {
    CHECK(fit_width("abcdef", 3) == "abc");
    CHECK(fit_width("abc", 80) == "abc");
    CHECK(fit_width("成语接龙", 5) == "成语");  // the third would need columns 5 and 6
    CHECK(fit_width("成语接龙", 6) == "成语接");
    CHECK(fit_width("nai\u0308ve", 3) == "nai\u0308");
    CHECK(fit_width("abc", 0) == "");
    CHECK(fit_width("\u0308", 0) == "\u0308");
}
