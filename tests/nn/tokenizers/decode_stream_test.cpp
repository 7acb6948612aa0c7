// SPDX-License-Identifier: MIT
#include "nn/tokenizers/decode_stream.h"

#include <doctest/doctest.h>

#include "nn/tokenizers/sentencepiece.h"
#include "tensor/random.h"

using namespace gradus;

namespace {

// Pieces of words as in WordPiece: "##" joins a piece to the one before it, all others follow a space.
class Pieces : public TokenModel {
 public:
    int size() const override { return 4; }
    const std::string& token(int id) const override {
        return tokens_[static_cast<std::size_t>(id)];
    }
    bool is_special(int id) const override { return id == 3; }
    void encode(std::string_view, std::vector<int>&) const override {}
    std::string decode(const std::vector<int>& ids) const override {
        std::string text;
        for (const int id : ids) {
            if (is_special(id)) continue;
            const bool joined = token(id).starts_with("##");
            if (!joined && !text.empty()) text += ' ';
            text += token(id).substr(joined ? 2 : 0);
        }
        return text;
    }

 private:
    std::vector<std::string> tokens_ = {"un", "##do", "it", "[SEP]"};
};

std::string streamed(const Tokenizer& tokenizer, const std::vector<int>& ids) {
    DecodeStream stream(tokenizer);
    std::string text;
    for (const int id : ids) text += stream.feed(id);
    return text + stream.finish();
}

}  // namespace

TEST_CASE("tokens that arrive one by one give the text that they give together") {
    const Tokenizer pieces(std::make_shared<Pieces>(), "pieces");
    CHECK(streamed(pieces, {0, 1, 2, 3, 0, 1}) == "undo it undo");
    Random random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<int> ids(random.below(12) + 1);
        for (int& id : ids) id = static_cast<int>(random.below(4));
        CHECK(streamed(pieces, ids) == pieces.decode(ids));
    }
    const Tokenizer bpe = Tokenizer::bpe(Bpe::train("你好你好 hello hello 👍👍", 9));
    const std::string text = "hello 你好 👍 naïve";
    CHECK(streamed(bpe, bpe.encode(text)) == text);
}

TEST_CASE("a space that a model leaves out is not what comes before the next token") {
    const std::vector<Piece> pieces = {{"<unk>", 0, PieceType::unknown}, {"▁a"}, {"▁"}, {"▁b"}};
    const Tokenizer collapsing(
        std::make_shared<SentencePiece>(pieces, PieceText{.collapse_spaces = true}),
        "sentencepiece");
    for (const std::vector<int>& ids : {std::vector<int>{1, 2, 3}, {2, 1}, {2, 2, 3, 2, 1}})
        CHECK(streamed(collapsing, ids) == collapsing.decode(ids));
}

TEST_CASE("a character is held back until its last byte, and one that never ends is replaced") {
    const Tokenizer bytes = Tokenizer::bytes();
    DecodeStream stream(bytes);
    CHECK(stream.feed(0xE4) == "");
    CHECK(stream.feed(0xBD) == "");
    CHECK(stream.feed(0xA0) == "你");
    CHECK(stream.feed(0xE4) == "");
    CHECK(stream.finish() == "\xEF\xBF\xBD");
    CHECK(stream.feed('a') == "a");
}
