// SPDX-License-Identifier: MIT
#include "nn/tokenizers/unigram.h"

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

// The best sum of scores over all ways to split the text, by trying them all.
double best_sum(const std::vector<Piece>& pieces, std::string_view text) {
    if (text.empty()) return 0;
    double best = -INFINITY;
    const std::string_view first = utf8_first(text);
    bool is_known = false;
    for (const Piece& piece : pieces) {
        if (piece.type != PieceType::normal || !text.starts_with(piece.text)) continue;
        is_known |= piece.text == first;
        best = std::max(best, piece.score + best_sum(pieces, text.substr(piece.text.size())));
    }
    if (!is_known) best = std::max(best, -23.0 + best_sum(pieces, text.substr(first.size())));
    return best;
}

}  // namespace

TEST_CASE("texts have SentencePiece's ids, with spaces collapsed and without pieces for bytes") {
    const Unigram model(small_pieces(), {.collapse_spaces = true});
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

TEST_CASE("texts have SentencePiece's ids, with pieces for bytes and no space before the text") {
    const Unigram model(small_pieces(SmallPieces::bytes), {.prefix = PieceText::Prefix::none});
    const Vector vectors[] = {
        {"", {}},
        {"the", {14}},
        {"then and there", {14, 21, 12, 6, 144, 20}},
        {"  the   thing ", {17, 6, 16, 4, 19, 9, 17}},
        {"aaaaa", {13, 15}},
        {"aaaa aaa", {13, 13, 10, 13}},
        {"a<mask>the", {24, 3, 14}},
        {"<s>the</s>", {90, 145, 92, 14, 90, 77, 145, 92}},
        {"théorie 中中文中", {18, 19, 28, 26, 144, 22, 20, 17, 29, 29, 260, 180, 165, 29}},
        {"doxy", {25, 26, 150, 151}},
        {"x y", {150, 17, 151}},
        {"<unk>", {90, 147, 21, 137, 92}},
        {"\n\t", {40, 39}},
        {"nd and and", {11, 12, 12}},
        {"hee▁the", {5, 20, 6}},
        {"thth th", {18, 19, 18, 19, 4, 19}},
        {"<mask> <mask>", {3, 17, 3}},
        {"a\xFF\xFE"
         "b",
         {24, 269, 221, 219, 269, 221, 219, 128}},
    };
    for (const Vector& v : vectors) {
        CAPTURE(v.text);
        CHECK(ids_of(model, v.text) == v.ids);
        if (utf8_valid_prefix(v.text) == std::string_view(v.text).size() &&
            std::string_view(v.text).find("▁") == std::string_view::npos)
            CHECK(model.decode(v.ids) == v.text);
    }
}

TEST_CASE("no way to split a text has a higher sum of scores") {
    Random random(20241103, Stream::user);
    const std::vector<Piece> pieces = small_pieces();
    const Unigram model(pieces, {.prefix = PieceText::Prefix::none, .join_unknown = false});
    constexpr std::u32string_view kAlphabet = U"theingand▁▁aaax中";
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (std::uint64_t i = random.below(9); i > 0; --i)
            utf8_append(text, kAlphabet[random.below(kAlphabet.size())]);
        CAPTURE(text);
        double sum = 0;  // the unknown character costs 10 more than the rarest piece, -13
        for (const int id : ids_of(model, text))
            sum += id == 0 ? -23.0 : pieces[static_cast<std::size_t>(id)].score;
        CHECK(sum == best_sum(pieces, text));
    }
}

TEST_CASE("a user-defined piece is taken whatever its score, the longest of several") {
    std::vector<Piece> pieces = small_pieces();
    pieces.push_back({"<mask>the", -1000, PieceType::user_defined});
    const Unigram model(pieces, {.prefix = PieceText::Prefix::none});
    CHECK(ids_of(model, "<mask>the") == std::vector<int>{30});
    CHECK(ids_of(model, "<mask>the<mask>") == std::vector<int>{30, 3});
}

TEST_CASE("of two equally good splits, rounding to single or double precision decides") {
    const std::vector<Piece> pieces = {
        {"<unk>", 0, PieceType::unknown}, {"a", double{-3.3F}}, {"aa", double{-4.7F}}};
    const PieceText text{.prefix = PieceText::Prefix::none};
    // SentencePiece 0.1.97's; Hugging Face's tokenizers keep the first of the two.
    CHECK(ids_of(Unigram(pieces, text), "aaa") == std::vector<int>{2, 1});
    CHECK(ids_of(Unigram(pieces, text, Unigram::Sums::in_double), "aaa") == std::vector<int>{1, 2});
}

TEST_CASE("a character without a piece costs 10 more than the rarest piece") {
    std::vector<Piece> pieces = {
        {"<unk>", 0, PieceType::unknown}, {"ab", -0.5}, {"xa", -13}, {"b", -10}};
    const PieceText text{.prefix = PieceText::Prefix::none};
    CHECK(ids_of(Unigram(pieces, text), "xab") == std::vector<int>{2, 3});  // -23, not -23.5
    pieces[3].score = -10.75;
    CHECK(ids_of(Unigram(pieces, text), "xab") == std::vector<int>{0, 1});  // -23.5, not -23.75
}

TEST_CASE("scores of any size do no harm") {
    std::vector<Piece> pieces = small_pieces();
    for (Piece& piece : pieces) piece.score *= 1e37;
    const Unigram model(pieces);
    CHECK(model.decode(ids_of(model, "the and x")) == "the and <unk>");
    const Unigram nothing({{"<unk>", 0, PieceType::unknown}});
    CHECK(ids_of(nothing, "abc") == std::vector<int>{0});
}
