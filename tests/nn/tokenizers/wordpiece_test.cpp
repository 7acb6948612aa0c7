// SPDX-License-Identifier: MIT
#include "nn/tokenizers/wordpiece.h"

#include <doctest/doctest.h>

#include "nn/text/utf8.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/tokenizers/small_pieces.h"

using namespace gradus;

namespace {

// The ids and texts below are those of Hugging Face's tokenizers 0.23.2 for these tokens.
const std::vector<std::string> kVocabulary = {
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "##s", "##ing", "sing",   "s",
    "##in",  "##g",   "run",   "##n",   "##er",   "un",  "##a", "##ff",  "##able", "e",
    "etre",  "机",    "器",    ",",     ".",      "!",   "'",   "t",     "##t",    "don",
    "##re",  "a",     "##aa",  "-",     "[",      "]",   "cl",  "##cl",  "re",     "##",
    "n't",   "é",     "##é",   "ÉTRE",  "The",    "...", "#",   "我"};

struct Case {
    std::string text;
    std::vector<int> ids;
    std::string decoded;
};

void check(const WordPiece& model, const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(ids_of(model, c.text) == c.ids);
        CHECK(model.decode(c.ids) == c.decoded);
    }
}

// The longest piece first, tried by length: what the definition says.
std::vector<int> greedy(const std::vector<std::string>& vocabulary, const std::string& word) {
    std::vector<int> ids;
    for (std::size_t begin = 0; begin < word.size();) {
        int best = 1;
        std::size_t length = 0;
        for (std::size_t id = 5; id < vocabulary.size(); ++id) {
            const bool continues = vocabulary[id].starts_with("##") && vocabulary[id].size() > 2;
            if (continues != (begin > 0)) continue;
            const std::string piece = vocabulary[id].substr(continues ? 2 : 0);
            if (word.compare(begin, piece.size(), piece) == 0 && piece.size() > length)
                length = piece.size(), best = static_cast<int>(id);
        }
        if (length == 0) return {1};
        ids.push_back(best);
        begin += length;
    }
    return ids;
}

}  // namespace

TEST_CASE("texts have the ids of BERT's tokenizer in lowercase, without accents") {
    check(WordPiece(kVocabulary),
          {{"", {}, ""},
           {"the sings", {5, 8, 6}, "the sings"},
           {"The runner, running!", {5, 12, 13, 14, 23, 12, 13, 7, 25}, "the runner, running!"},
           {"unaffable", {15, 16, 17, 18}, "unaffable"},
           {"unaffabl", {1}, "[UNK]"},
           {"Être ÉTRE être e\u0301tre", {20, 20, 20, 20}, "etre etre etre etre"},
           {"机器 机x器", {21, 22, 21, 1, 22}, "机 器 机 [UNK] 器"},
           {"don't . the", {29, 26, 27, 24, 5}, "don ' t. the"},
           {"[CLS] [SEP] [UNK]",
            {34, 36, 6, 35, 34, 1, 35, 34, 1, 35},
            "[ cls ] [ [UNK] ] [ [UNK] ]"},
           {"the\tthe\nthe\u3000the\u00a0the", {5, 5, 5, 5, 5}, "the the the the the"},
           {"th\u200de \x01the", {5, 5}, "the the"},
           {"## #s", {46, 46, 46, 9}, "# # # s"},
           {"t-t", {27, 33, 27}, "t - t"},
           {"的 机", {1, 21}, "[UNK] 机"},
           {"...", {24, 24, 24}, "..."}});
}

TEST_CASE("capitals, accents, control characters and Chinese characters can be left alone") {
    check(
        WordPiece(kVocabulary, {.strip_accents = false, .lowercase = false}),
        {{"The the ÉTRE être", {44, 5, 43, 1}, "The the ÉTRE [UNK]"}, {"É é", {1, 41}, "[UNK] é"}});
    check(
        WordPiece(kVocabulary, {.lowercase = false}),
        {{"The the ÉTRE être", {44, 5, 1, 20}, "The the [UNK] etre"}, {"É é", {1, 19}, "[UNK] e"}});
    check(WordPiece(kVocabulary, {.clean = false, .split_ideographs = false}),
          {{"机器 \x01the", {1, 1}, "[UNK] [UNK]"},
           {"th\x01"
            "e",
            {1},
            "[UNK]"}});
}

TEST_CASE("a word of more than 100 characters is unknown") {
    const WordPiece model(kVocabulary);
    CHECK(ids_of(model, std::string(99, 'a')).size() == 50);
    CHECK(ids_of(model, std::string(100, 'a')).size() == 51);
    CHECK(ids_of(model, std::string(101, 'a')) == std::vector<int>{1});
    std::string accents;
    for (int i = 0; i < 100; ++i) accents += "é";
    CHECK(ids_of(WordPiece(kVocabulary, {.strip_accents = false}), accents).size() == 100);
    CHECK(ids_of(WordPiece(kVocabulary, {.longest_word = 2}), "the a") == std::vector<int>{1, 31});
}

TEST_CASE("each word is split into its longest pieces, from left to right") {
    Random random(20241106, Stream::user);
    const WordPiece model(kVocabulary);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (std::uint64_t i = 1 + random.below(6); i > 0; --i) {
            const std::string& token = kVocabulary[5 + random.below(33)];
            for (const char c : token)
                if (c >= 'a' && c <= 'z') text += c;
        }
        CAPTURE(text);
        CHECK(ids_of(model, text) == greedy(kVocabulary, text));
    }
}

TEST_CASE("special tokens never come out of text, and decoding leaves them out") {
    std::vector<std::string> vocabulary = kVocabulary;
    vocabulary.push_back("special");
    WordPieceOptions options;
    options.special.push_back("special");
    const WordPiece model(vocabulary, options);
    CHECK(ids_of(model, "special") == std::vector<int>{1});
    CHECK(model.decode({2, 5, 48, 4, 6, 3}) == "thes");
    CHECK(model.is_special(2));
    CHECK(model.is_special(48));
    CHECK_FALSE(model.is_special(1));  // the unknown token comes out of text
    CHECK(model.token(2) == "[CLS]");
    CHECK(model.token(7) == "ing");
    CHECK(model.token(39) == "##");
    CHECK(model.id("##ing") == 7);
    CHECK(model.decode({7, 7}) == "##inging");  // the beginning of the word is missing
    CHECK(model.decode({5, 40, 45}) == "then't...");
    CHECK_THROWS_WITH_AS(model.token(49), "wordpiece: token 49 is outside 0..48",
                         std::invalid_argument);
    CHECK_THROWS_AS(model.decode({-1}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(model.id("x\n"), "wordpiece: there is no token \"x\\n\"",
                         std::invalid_argument);
}

TEST_CASE("malformed bytes are left out like control characters, or make a word unknown") {
    CHECK(ids_of(WordPiece(kVocabulary),
                 "th\xFF"
                 "e \xC3") == std::vector<int>{5});
    CHECK(ids_of(WordPiece(kVocabulary, {.clean = false}),
                 "th\xFF"
                 "e \xC3") == std::vector<int>{1, 1});
}

TEST_CASE("a vocabulary with an empty token, a repeated one or no unknown one is refused") {
    CHECK_THROWS_WITH_AS(WordPiece({"[UNK]", ""}), "wordpiece: token 1 is empty",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(WordPiece({"[UNK]", "a", "a"}),
                         "wordpiece: token 2, \"a\", is there twice", std::invalid_argument);
    CHECK_THROWS_WITH_AS(WordPiece({"a"}), "wordpiece: there is no token \"[UNK]\"",
                         std::invalid_argument);
}
