// SPDX-License-Identifier: MIT
#include "nn/tokenizers/sentencepiece.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/text/utf8.h"
#include "tensor/random.h"
#include "tests/nn/tokenizers/small_pieces.h"

using namespace gradus;

namespace {

struct Vector {
    const char* text;
    std::vector<int> ids;
};

std::string random_text(Random& random, std::uint64_t longest) {
    constexpr std::u32string_view kAlphabet = U"theingado   aaaaé中x";
    std::string text;
    for (std::uint64_t i = random.below(longest); i > 0; --i)
        utf8_append(text, kAlphabet[random.below(kAlphabet.size())]);
    return text;
}

// What the definition says, in quadratic time: merges the best pair until there is none. Of a text
// that needs no preparation and has no user-defined or unused pieces.
std::vector<std::string> merged(const std::vector<Piece>& pieces, std::string_view text) {
    std::vector<std::string> parts;
    for (const std::string_view c : utf8_characters(text)) parts.emplace_back(c);
    for (;;) {
        double best = -INFINITY;
        std::size_t at = parts.size();
        for (std::size_t i = 0; i + 1 < parts.size(); ++i)
            for (const Piece& piece : pieces)
                if (piece.type == PieceType::normal && piece.text == parts[i] + parts[i + 1] &&
                    piece.score > best)
                    best = piece.score, at = i;
        if (at == parts.size()) return parts;
        parts[at] += parts[at + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

}  // namespace

TEST_CASE("texts have SentencePiece's ids, with spaces collapsed and without pieces for bytes") {
    const SentencePiece model(small_pieces(), {.collapse_spaces = true});
    const Vector vectors[] = {
        {"", {}},
        {"the", {6}},
        {"then and there", {6, 21, 12, 6, 0, 20}},
        {"  the   thing ", {6, 4, 19, 9}},
        {"aaaaa", {10, 13, 13}},
        {"aaaa aaa", {10, 15, 10, 13}},
        {"a<mask>the", {10, 3, 14}},
        {"<s>the</s>", {17, 0, 14, 0}},
        {"théorie 中中文中", {4, 19, 28, 26, 0, 22, 20, 17, 29, 29, 0, 29}},
        {"doxy", {17, 25, 26, 0}},
        {"x y", {17, 0, 17, 0}},
        {"<unk>", {17, 0, 21, 0}},
        {"\n\t", {17, 0}},
        {"nd and and", {17, 11, 12, 12}},
        {"hee▁the", {17, 5, 20, 6}},
        {"thth th", {4, 19, 18, 19, 4, 19}},
        {"<mask> <mask>", {17, 3, 17, 3}},
        {"a\xFF\xFE"
         "b",
         {10, 0}},
    };
    for (const Vector& v : vectors) {
        CAPTURE(v.text);
        CHECK(ids_of(model, v.text) == v.ids);
    }
}

TEST_CASE("texts have SentencePiece's ids, with every space kept and pieces for bytes") {
    const SentencePiece model(small_pieces(SmallPieces::bytes));
    const Vector vectors[] = {
        {"", {}},
        {"the", {6}},
        {"then and there", {6, 21, 12, 6, 144, 20}},
        {"  the   thing ", {16, 6, 16, 4, 19, 9, 17}},
        {"aaaaa", {10, 13, 13}},
        {"aaaa aaa", {10, 15, 10, 13}},
        {"a<mask>the", {10, 3, 14}},
        {"<s>the</s>", {17, 90, 145, 92, 14, 90, 77, 145, 92}},
        {"théorie 中中文中", {4, 19, 28, 26, 144, 22, 20, 17, 29, 29, 260, 180, 165, 29}},
        {"doxy", {17, 25, 26, 150, 151}},
        {"x y", {17, 150, 17, 151}},
        {"<unk>", {17, 90, 147, 21, 137, 92}},
        {"\n\t", {17, 40, 39}},
        {"nd and and", {17, 11, 12, 12}},
        {"hee▁the", {17, 5, 20, 6}},
        {"thth th", {4, 19, 18, 19, 4, 19}},
        {"<mask> <mask>", {17, 3, 17, 3}},
        {"a\xFF\xFE"
         "b",
         {10, 269, 221, 219, 269, 221, 219, 128}},
    };
    for (const Vector& v : vectors) {
        CAPTURE(v.text);
        CHECK(ids_of(model, v.text) == v.ids);
    }
}

TEST_CASE("merging through a queue gives what merging the best pair again and again gives") {
    Random random(20241101, Stream::user);
    std::vector<Piece> pieces;
    for (const Piece& piece : small_pieces())
        if (piece.type != PieceType::unused && piece.type != PieceType::user_defined)
            pieces.push_back(piece);
    // With "a▁t", a piece goes on beyond a space, so the text is not split into words first.
    for (const bool beyond : {false, true}) {
        if (beyond) pieces.push_back({"a▁t", -0.5});
        const SentencePiece model(pieces, {.prefix = PieceText::Prefix::none});
        for (int round = 0; round < 100; ++round) {
            const std::string text = random_text(random, 40);
            CAPTURE(text);
            std::string written;
            for (const char c : text) {
                if (c == ' ')
                    written += "▁";
                else
                    written += c;
            }
            std::vector<int> expected;
            for (const std::string& part : merged(pieces, written)) {
                int id = 0;
                while (id < model.size() && pieces[static_cast<std::size_t>(id)].text != part) ++id;
                if (id == model.size()) id = 0;  // <unk>: several in a row are one
                if (id != 0 || expected.empty() || expected.back() != 0) expected.push_back(id);
            }
            CHECK(ids_of(model, text) == expected);
        }
    }
}

TEST_CASE("with every space kept and pieces for bytes, decoding gives any UTF-8 back") {
    Random random(20241102, Stream::user);
    const SentencePiece model(small_pieces(SmallPieces::bytes));
    for (int round = 0; round < 300; ++round) {
        std::string text = random_text(random, 30);
        for (std::uint64_t i = random.below(4); i > 0; --i)
            text += std::string_view("\n\0<s>\t\xC2\x80", 8).substr(0, 8 - 2 * (i - 1));
        text += random_text(random, 30);
        CAPTURE(text);
        const std::vector<int> ids = ids_of(model, text);
        CHECK(model.decode(ids) == text);
        for (const int id : ids) CHECK_FALSE(model.is_special(id));
    }
    CHECK(model.decode({1, 17, 4, 2}) == " t");  // control pieces add nothing
    CHECK(model.decode({}) == "");
    CHECK(model.decode({6, 6}) == "the the");
    CHECK(model.decode({46, 6}) == "\x10 the");
    CHECK(model.decode({285, 127}) ==
          "\xFF"
          "a");  // need not be UTF-8
}

TEST_CASE("the unknown piece comes out of text, and decoding shows its name") {
    const SentencePiece model(small_pieces());
    CHECK(model.decode(ids_of(model, "the x")) == "the <unk>");
    CHECK_FALSE(model.is_special(0));
    CHECK(model.is_special(1));
    CHECK(model.token(1) == "<s>");
    CHECK(model.token(6) == " the");
    CHECK(model.piece(6).text == "▁the");
    CHECK_THROWS_WITH_AS(model.token(30), "pieces: token 30 is outside 0..29",
                         std::invalid_argument);
    CHECK_THROWS_AS(model.decode({0, -1}), std::invalid_argument);
    const SentencePiece apart(small_pieces(), {.join_unknown = false});
    CHECK(ids_of(apart, "xyz") == std::vector<int>{17, 0, 0, 0});
    CHECK(ids_of(model, "xyz") == std::vector<int>{17, 0});
}

TEST_CASE("the space before a text can be left out, or left out only if there is one") {
    const SentencePiece never(small_pieces(), {.prefix = PieceText::Prefix::none});
    CHECK(ids_of(never, "the") == std::vector<int>{14});
    CHECK(ids_of(never, " the") == std::vector<int>{6});
    CHECK(never.decode({6}) == " the");
    const SentencePiece there(small_pieces(), {.prefix = PieceText::Prefix::unless_there});
    CHECK(ids_of(there, "the") == std::vector<int>{6});
    CHECK(ids_of(there, " the") == std::vector<int>{6});
    CHECK(ids_of(there, "▁the") == std::vector<int>{6});
    CHECK(ids_of(there, "  the") == std::vector<int>{17, 6});
    const SentencePiece words(small_pieces(), {.split_words = true});
    CHECK(ids_of(words, "  the") == std::vector<int>{17, 17, 6});  // not "▁▁"
    CHECK(ids_of(words, "x y x") == std::vector<int>{17, 0, 17, 0, 17, 0});
}

TEST_CASE("text is normalised around user-defined pieces, which stay as they are") {
    const auto shout = [](std::string_view part) {
        std::string result;
        for (const char c : part) result += c == '<' || c == 'A' ? 'a' : c;
        return result;
    };
    const SentencePiece model(small_pieces(), {.normalise = shout});
    CHECK(ids_of(model, "A<mask>A<A") == std::vector<int>{10, 3, 15});
}

TEST_CASE("a user-defined piece merges with nothing") {
    std::vector<Piece> pieces = small_pieces();
    pieces.push_back({"<mask>a", 5});
    pieces.push_back({"a<", 5});
    const SentencePiece model(pieces, {.prefix = PieceText::Prefix::none});
    CHECK(ids_of(model, "a<mask>a") == std::vector<int>{24, 3, 24});
}

TEST_CASE("with merges, only pairs that are listed merge, the earlier ones first") {
    std::vector<Piece> pieces = {{"<unk>", 0, PieceType::unknown}};
    for (const char* text : {"a", "b", "c", "ab", "bc", "abc"}) pieces.push_back({text});
    const PieceText text{.prefix = PieceText::Prefix::none};
    using Pairs = std::vector<SentencePiece::Pair>;
    // ("ab", "c") is not there, so that "abc" only comes of "a" and "bc".
    const SentencePiece late(pieces, text, Pairs{{2, 3}, {1, 5}, {1, 2}});
    CHECK(ids_of(late, "abcab") == std::vector<int>{6, 4});
    const SentencePiece early(pieces, text, Pairs{{1, 2}, {2, 3}, {1, 5}});
    CHECK(ids_of(early, "abcab") == std::vector<int>{4, 3, 4});
    CHECK(ids_of(SentencePiece(pieces, text, Pairs{}), "abc") == std::vector<int>{1, 2, 3});
    CHECK(ids_of(SentencePiece(pieces, text), "abc") == std::vector<int>{6});  // by the scores

    CHECK_THROWS_WITH_AS(SentencePiece(pieces, text, Pairs{{2, 1}}),
                         "sentencepiece: merge 0 joins \"b\" and \"a\", which do not form a piece",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(SentencePiece(pieces, text, Pairs{{1, 2}, {2, 3}, {1, 2}}),
                         "sentencepiece: merge 2 joins \"a\" and \"b\" again",
                         std::invalid_argument);
    CHECK_THROWS_AS(SentencePiece(pieces, text, Pairs{{1, 7}}), std::invalid_argument);
}

TEST_CASE("a vocabulary that cannot work is refused") {
    const auto error = [](const std::function<void(std::vector<Piece>&)>& change,
                          SmallPieces kind = SmallPieces::plain) -> std::string {
        std::vector<Piece> pieces = small_pieces(kind);
        change(pieces);
        try {
            SentencePiece model(pieces);
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
        return "";
    };
    using Pieces = std::vector<Piece>;
    CHECK(error([](Pieces&) {}) == "");
    CHECK(error([](Pieces& p) { p[5].text = ""; }) == "pieces: piece 5, \"\", has no text");
    CHECK(error([](Pieces& p) { p[5].text = "in"; }) == "pieces: piece 7, \"in\", is there twice");
    CHECK(error([](Pieces& p) { p[5].score = NAN; }) ==
          "pieces: piece 5, \"he\", has a score that is not finite");
    CHECK(error([](Pieces& p) { p[5].type = PieceType::unknown; }) ==
          "pieces: piece 5, \"he\", is a second piece of type unknown");
    CHECK(error([](Pieces& p) { p[0].type = PieceType::control; }) ==
          "pieces: there is neither a piece of type unknown nor one for each byte, so most text "
          "would have no tokens");
    CHECK(error([](Pieces& p) { p[0].type = PieceType::control; }, SmallPieces::bytes) == "");
    CHECK(error([](Pieces& p) { p.pop_back(); }, SmallPieces::bytes) ==
          "pieces: 255 of them are bytes, must be all 256 or none");
    CHECK(error([](Pieces& p) { p[285] = p[284]; }, SmallPieces::bytes) ==
          "pieces: piece 285, \"<0xFE>\", is there twice");
    CHECK(error([](Pieces& p) { p[285].text = "<0xff>"; }, SmallPieces::bytes) ==
          "pieces: piece 285, \"<0xff>\", is of type byte, so it must be like <0x0A>");
    CHECK(error([](Pieces& p) { p.clear(); }) != "");
}

TEST_CASE("a long word does not take quadratic time") {
    std::vector<Piece> pieces = small_pieces();
    const SentencePiece model(pieces);
    CHECK(ids_of(model, std::string(20000, 'a')).size() == 10000);
}
