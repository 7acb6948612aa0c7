// SPDX-License-Identifier: MIT
#include "nn/text/normalise.h"

#include <doctest/doctest.h>

#include <functional>

#include "nn/text/character_kinds.h"
#include "nn/text/utf8.h"
#include "tensor/random.h"
#include "tests/sha256.h"

using namespace gradus;

namespace {

// The code points of planes 0 to 2, and the tags and variation selectors of plane 14: all that have
// any property of interest.
std::u32string code_points() {
    std::u32string all;
    for (char32_t c = 0; c < 0xE0200; c += c == 0x2FFFF ? 0xB0001 : c == 0xD7FF ? 0x801 : 1)
        all += c;
    return all;
}

// All code points, a line each. A line ending composes with nothing.
std::string lines() {
    std::string text;
    for (const char32_t c : code_points()) utf8_append(text, c), text += '\n';
    return text;
}

constexpr NormalForm kForms[] = {NormalForm::nfd, NormalForm::nfc, NormalForm::nfkd,
                                 NormalForm::nfkc};

// Letters and marks that decompose, compose and change places, and malformed bytes.
std::string random_text(Random& random) {
    constexpr std::u32string_view kAlphabet =
        U"aAeosſiı\u0300\u0301\u0307\u0323\u0327\u0338\u0345\u05B0\u093Cक\u3099かéÅ\u212Bﬁ｡Ａ㎒"
        U"\u1112\u1161\u11AB한하\u0F71\u0F72\u0344ẛ中 ";
    std::string text;
    for (std::uint64_t i = random.below(12); i > 0; --i) {
        if (random.below(12) == 0)
            text += static_cast<char>(0x80 + random.below(0x80));
        else
            utf8_append(text, kAlphabet[random.below(kAlphabet.size())]);
    }
    return text;
}

}  // namespace

TEST_CASE("every code point has the normal forms of Unicode 14 (1 s: a million lookups)") {
    // The digests of the same lines by Python's unicodedata 14.0.0.
    const std::string text = lines();
    CHECK(sha256(normalise(text, NormalForm::nfd)) ==
          "c0ccdbbe7a46c6c18cebc5d6c7439a28fdd37689ee37df8729750afb2f00d2b7");
    CHECK(sha256(normalise(text, NormalForm::nfc)) ==
          "7c9f5a40b88d5afa558d3f4c81428e3b138a582e07871431f3b083e2dbd5367b");
    CHECK(sha256(normalise(text, NormalForm::nfkd)) ==
          "8971f451bcbd32396b4630195eddbb054773caaabecb97a8e142d62db4239c43");
    CHECK(sha256(normalise(text, NormalForm::nfkc)) ==
          "05d458d0865ee879b0a3b264d57d4e4b571284a25d3f54b9fd4a1125066b17c8");
}

TEST_CASE("every code point has the lowercase form and the categories of Unicode 14 (1 s)") {
    const std::string text = lines();
    CHECK(sha256(lowercase(text)) ==
          "c0244d61f5d1aff8616462e751068dee50db5c4bd92ff81846d8afac3e9c4e23");
    CHECK(sha256(strip_marks(text, Marks::nonspacing)) ==
          "db306a567312f4e3272a77bb29d08ca8f3f8756ac14878a01302b5b0d265e68e");
    CHECK(sha256(strip_marks(text, Marks::all)) ==
          "dd028985c7dc689805cb2ac9e08f88b3faf221c4a34a6773a7521887031384b2");
    std::string kinds;
    for (const char32_t c : code_points()) {
        if (is_white_space(c)) kinds += 'S';
        if (is_punctuation(c)) kinds += 'P';
        if (is_control(c)) kinds += 'C';
        kinds += '\n';
    }
    CHECK(sha256(kinds) == "6a85183444a005e6cbf176f0498b318ceb45b13c8c20a7e3592f0d01199bbfa0");
}

TEST_CASE("the four normal forms of one text") {
    struct Case {
        const char *text, *nfd, *nfc, *nfkd, *nfkc;
    };
    const Case cases[] = {
        {"", "", "", "", ""},
        {"plain", "plain", "plain", "plain", "plain"},
        {"é", "e\u0301", "é", "e\u0301", "é"},
        {"e\u0301", "e\u0301", "é", "e\u0301", "é"},
        {"ﬁ Ａ ㎒", "ﬁ Ａ ㎒", "ﬁ Ａ ㎒", "fi A MHz", "fi A MHz"},
        // Marks in canonical order, from either order; the dot below joins first.
        {"a\u0307\u0323", "a\u0323\u0307", "ạ\u0307", "a\u0323\u0307", "ạ\u0307"},
        {"ḋ\u0323", "d\u0323\u0307", "ḍ\u0307", "d\u0323\u0307", "ḍ\u0307"},
        // A mark of the same class in between keeps the second from joining.
        {"a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301", "a\u0305\u0301"},
        {"\u212B\u2126", "A\u030A\u03A9", "\u00C5\u03A9", "A\u030A\u03A9", "\u00C5\u03A9"},
        {"\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C"},  // excluded
        {"ẛ\u0323", "ſ\u0323\u0307", "ẛ\u0323", "s\u0323\u0307", "ṩ"},
        {"Ǆ", "Ǆ", "Ǆ", "DZ\u030C", "DŽ"},
        {"한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글",
         "\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글"},
        {"\u1112\u1161\u11AB", "\u1112\u1161\u11AB", "한", "\u1112\u1161\u11AB", "한"},
        {"\u0301a", "\u0301a", "\u0301a", "\u0301a", "\u0301a"},  // nothing to join
        {"e\xFF\u0301\xE6\x88", "e\xFF\u0301\xE6\x88", "e\xFF\u0301\xE6\x88", "e\xFF\u0301\xE6\x88",
         "e\xFF\u0301\xE6\x88"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(normalise(c.text, NormalForm::nfd) == c.nfd);
        CHECK(normalise(c.text, NormalForm::nfc) == c.nfc);
        CHECK(normalise(c.text, NormalForm::nfkd) == c.nfkd);
        CHECK(normalise(c.text, NormalForm::nfkc) == c.nfkc);
    }
}

TEST_CASE("a Hangul syllable is composed of its two or three letters, all 11,172 of them") {
    std::string syllables, letters;
    for (char32_t leading = 0; leading < 19; ++leading)
        for (char32_t vowel = 0; vowel < 21; ++vowel)
            for (char32_t trailing = 0; trailing < 28; ++trailing) {
                utf8_append(syllables, 0xAC00 + (leading * 21 + vowel) * 28 + trailing);
                utf8_append(letters, 0x1100 + leading);
                utf8_append(letters, 0x1161 + vowel);
                if (trailing) utf8_append(letters, 0x11A7 + trailing);
            }
    CHECK(normalise(syllables, NormalForm::nfd) == letters);
    CHECK(normalise(letters, NormalForm::nfc) == syllables);
    CHECK(normalise("하\u11A7", NormalForm::nfc) == "하\u11A7");  // not a trailing consonant
    CHECK(normalise("한\u11AB", NormalForm::nfc) == "한\u11AB");  // has one already
}

TEST_CASE("normalising twice changes nothing more, and each form is reached from any other") {
    Random random(20240901, Stream::user);
    for (int round = 0; round < 1500; ++round) {
        const std::string text = random_text(random);
        CAPTURE(text);
        for (const NormalForm form : kForms) {
            const std::string once = normalise(text, form);
            CHECK(normalise(once, form) == once);
        }
        const auto through = [&](NormalForm first, NormalForm second) {
            return normalise(normalise(text, first), second);
        };
        CHECK(through(NormalForm::nfd, NormalForm::nfc) == normalise(text, NormalForm::nfc));
        CHECK(through(NormalForm::nfc, NormalForm::nfd) == normalise(text, NormalForm::nfd));
        CHECK(through(NormalForm::nfc, NormalForm::nfkc) == normalise(text, NormalForm::nfkc));
        CHECK(through(NormalForm::nfkc, NormalForm::nfkd) == normalise(text, NormalForm::nfkd));
    }
}

TEST_CASE("a long run of marks is sorted without taking quadratic time") {
    std::string marks = "a", sorted = "a";
    for (int i = 0; i < 20000; ++i) marks += "\u0307\u0323";
    for (const char* mark : {"\u0323", "\u0307"})
        for (int i = 0; i < 20000; ++i) sorted += mark;
    CHECK(normalise(marks, NormalForm::nfd) == sorted);
}

TEST_CASE("lowercase and the removal of marks go code point by code point") {
    CHECK(lowercase("ÀÉÎ ŁÓDŹ ΟΔΟΣ Ǆ Ⅷ 中") == "àéî łódź οδοσ ǆ ⅷ 中");
    CHECK(lowercase("İ\xFF\xC3") == "i\u0307\xFF\xC3");
    CHECK(strip_marks(normalise("Être déjà vu", NormalForm::nfd), Marks::nonspacing) ==
          "Etre deja vu");
    CHECK(strip_marks("é", Marks::all) == "é");  // one code point, and no mark
    CHECK(strip_marks("का\u20DD\xFE", Marks::nonspacing) == "का\u20DD\xFE");
    CHECK(strip_marks("का\u20DD\xFE", Marks::all) == "क\xFE");
    CHECK(is_ideograph(U'中'));
    CHECK(is_ideograph(0x2B820));
    CHECK_FALSE(is_ideograph(U'か'));
    CHECK_FALSE(is_ideograph(U'한'));
    CHECK(combining_class(0x323) == 220);
    CHECK(combining_class(U'a') == 0);
}
