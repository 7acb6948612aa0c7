// SPDX-License-Identifier: MIT
#include "nn/tokenizers/tokenizer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/text/utf8.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace gradus;
using Json = nlohmann::json;

TEST_CASE("the characters of a text are numbered in the order of their code points") {
    const Tokenizer v = Tokenizer::characters("hello 世界\nhello 👍");
    CHECK(v.kind_name() == "characters");
    CHECK(v.size() == 9);  // \n, space, e h l o, 世 界, 👍
    const char* const expected[] = {"\n", " ", "e", "h", "l", "o", "世", "界", "👍"};
    for (int id = 0; id < v.size(); ++id) CHECK(v.token(id) == expected[id]);
    CHECK(v == Tokenizer::characters("👍 界世 loeh\n"));
    CHECK(v.encode("he 世👍") == std::vector<int>{3, 2, 1, 6, 8});
    CHECK(v.encode("").empty());
    CHECK(v.decode({}) == "");
}

TEST_CASE("a text over its own characters comes back from its ids, and so do random ids") {
    const std::string text = "The cat sat.\r\n猫坐着。\t👍🏽 naïve";
    const Tokenizer v = Tokenizer::characters(text);
    const std::vector<int> ids = v.encode(text);
    CHECK(static_cast<Index>(ids.size()) == utf8_count(text));
    CHECK(v.decode(ids) == text);

    Random random(7, Stream::user);
    std::vector<int> drawn(500);
    for (int& id : drawn) id = static_cast<int>(random.below(static_cast<std::uint64_t>(v.size())));
    const std::string told = v.decode(drawn);
    CHECK(utf8_valid_prefix(told) == told.size());
    CHECK(v.encode(told) == drawn);
}

TEST_CASE("the byte tokenizer encodes every text, malformed ones too") {
    const Tokenizer v = Tokenizer::bytes();
    CHECK(v.kind_name() == "bytes");
    CHECK(v.size() == 256);
    CHECK(v == Tokenizer());
    std::string all;
    for (int i = 255; i >= 0; --i) all += static_cast<char>(i);
    const std::vector<int> ids = v.encode(all);
    CHECK(ids.front() == 255);
    CHECK(ids.back() == 0);
    CHECK(v.decode(ids) == all);
    Index skipped = 9;
    CHECK(v.encode_known(all, skipped) == ids);
    CHECK(skipped == 0);
}

TEST_CASE("bytes that a model generates one by one are printed as whole characters") {
    const Tokenizer v = Tokenizer::bytes();
    Utf8Stream stream;
    std::string shown;
    for (const int id : v.encode("龙 é")) shown += "[" + stream.feed(v.token(id)) + "]";
    CHECK(shown == "[][][龙][ ][][é]");
}

TEST_CASE("an unknown character is reported with its position") {
    const Tokenizer v = Tokenizer::characters("abc\n世");
    CHECK_THROWS_WITH_AS(
        v.encode("ab\n世é"),
        "tokenizer: 'é' (U+00E9) at line 2, column 2 is not one of the 5 known "
        "characters (the text that the vocabulary was made from does not contain it)",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(v.encode("a\tb"),
                         doctest::Contains("tokenizer: U+0009 at line 1, column 2"),
                         std::invalid_argument);
}

TEST_CASE("what a person types is encoded as far as it is known, and the rest is counted") {
    const Tokenizer v = Tokenizer::characters("abc 世");
    Index skipped = -1;
    CHECK(v.encode_known("a世!\xFF\xE4\xB8 b", skipped) == std::vector<int>{1, 4, 0, 2});
    CHECK(skipped == 3);  // '!', a wrong byte, the beginning of a character
    CHECK(v.encode_known("xyz", skipped).empty());
    CHECK(skipped == 3);
    CHECK(v.encode_known("cab", skipped).size() == 3);
    CHECK(skipped == 0);
    // U+FFFD in the vocabulary does not make malformed text known.
    CHECK(Tokenizer::characters("\uFFFD").encode_known("\xFF\uFFFD", skipped).size() == 1);
    CHECK(skipped == 1);
}

TEST_CASE("a text that is empty or not UTF-8 makes no character vocabulary") {
    CHECK_THROWS_WITH_AS(Tokenizer::characters(""),
                         "tokenizer: the text is empty, so it has no characters to learn",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Tokenizer::characters("caf\xE9 au lait"),
                         "tokenizer: text is not UTF-8: byte 0xE9 at offset 3 (line 1, column 4) "
                         "(convert it, or use the byte tokenizer)",
                         std::invalid_argument);
    CHECK_THROWS_AS(Tokenizer::characters("ok").encode("o\xC0k"), std::invalid_argument);
}

TEST_CASE("ids outside the vocabulary are refused") {
    const Tokenizer v = Tokenizer::characters("ab");
    CHECK_THROWS_WITH_AS(v.token(2), "tokenizer: token 2 is outside 0..1", std::invalid_argument);
    CHECK_THROWS_AS(v.token(-1), std::invalid_argument);
    CHECK_THROWS_AS(v.decode({0, 1, 256}), std::invalid_argument);
}

TEST_CASE("a vocabulary comes back from its JSON text") {
    const Tokenizer characters = Tokenizer::characters(std::string("\0\"\\\n\x7F é世👍", 16));
    const std::vector<Bpe::Pair> merges = {{97, 98}, {256, 99}};
    std::vector<unsigned char> reversed;
    for (int byte = 255; byte >= 0; --byte) reversed.push_back(static_cast<unsigned char>(byte));
    const Tokenizer bpe = Tokenizer::bpe(Bpe(merges));
    for (const Tokenizer& v : {characters, Tokenizer::bytes(), bpe,
                               Tokenizer::bpe(Bpe(merges, Bpe::Split::none, {"<s>"}, reversed))}) {
        const std::string text = v.to_json().dump();
        CAPTURE(text);
        CHECK(Tokenizer::from_json(Json::parse(text)) == v);
    }
    CHECK(Tokenizer::bytes().to_json().dump() == R"({"kind":"bytes"})");
    CHECK(Tokenizer::characters("ba\nb").to_json().dump() ==
          R"({"characters":"\nab","kind":"characters"})");
    CHECK(bpe.to_json().dump() == R"({"kind":"bpe","merges":[[97,98],[256,99]],"split":"words"})");
    CHECK(!(characters == Tokenizer::bytes()));
    CHECK(!(bpe == Tokenizer::bpe(Bpe({{97, 98}}))));
    CHECK(!(bpe == Tokenizer::bytes()));
}

TEST_CASE("special tokens on request: their names become ids, the longest that stands at a place") {
    const Tokenizer v = Tokenizer::bpe(Bpe({{'a', 'b'}}, Split::gpt2, {"<s>", "<s>>", "", "ab"}));
    CHECK(v.encode_with_specials("ab<s>>><s>a") == std::vector<int>{260, 258, '>', 257, 'a'});
    CHECK(v.encode("ab<s>") == std::vector<int>{256, '<', 's', '>'});
    CHECK(v.encode_with_specials("").empty());
    CHECK(Tokenizer().encode_with_specials("<s>") == std::vector<int>{'<', 's', '>'});
}

TEST_CASE("the ids of the beginning and the end come back from JSON, and must be there") {
    Tokenizer v = Tokenizer::bpe(Bpe({}, Split::gpt2, {"<s>"}));
    CHECK_FALSE(v.bos());
    v.set_bos_eos(std::nullopt, 256);
    const Tokenizer back = Tokenizer::from_json(v.to_json());
    CHECK_FALSE(back.bos());
    CHECK(back.eos() == 256);
    CHECK_THROWS_WITH_AS(v.set_bos_eos(257, 256), "bpe: token 257 is outside 0..256",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Tokenizer::from_json({{"kind", "bytes"}, {"bos", 256}}),
                         "tokenizer: \"bos\": \"256\" is not a whole number from 0 to 255",
                         std::invalid_argument);
}

namespace {

// Every text is as many tokens as it has bytes, all of them the same.
class Counting : public TokenModel {
 public:
    int size() const override { return 1; }
    const std::string& token(int) const override { return name_; }
    bool is_special(int) const override { return false; }
    void encode(std::string_view text, std::vector<int>& ids) const override {
        ids.resize(ids.size() + text.size());
    }
    std::string decode(const std::vector<int>& ids) const override {
        return std::string(ids.size(), '?');
    }

 private:
    std::string name_ = "?";
};

}  // namespace

TEST_CASE("a model of another kind plugs in") {
    const Tokenizer v(std::make_shared<Counting>(), "counting");
    CHECK(v.kind() == Tokenizer::Kind::other);
    CHECK(v.kind_name() == "counting");
    CHECK(v.unit() == "token");
    CHECK(v.bpe() == nullptr);
    CHECK(v.encode("abc") == std::vector<int>{0, 0, 0});
    Index skipped = 9;
    CHECK(v.encode_known("abc", skipped).size() == 3);
    CHECK(skipped == 0);
    CHECK(v == Tokenizer(std::make_shared<Counting>(), "counting"));
    CHECK(!(v == Tokenizer(std::make_shared<Counting>(), "other")));
    CHECK(!(v == Tokenizer()));
    CHECK_THROWS_WITH_AS(v.to_json(),
                         "tokenizer: the kind \"counting\" has no form in run.json (keep the file "
                         "that it came from)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Tokenizer(nullptr, "none"), "tokenizer: there is no model",
                         std::invalid_argument);
}

TEST_CASE("JSON that is not a tokenizer is refused with the rule") {
    const auto refusal = [](const char* text) -> std::string {
        try {
            Tokenizer::from_json(Json::parse(text));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "accepted";
    };
    CHECK(refusal("[]") == "tokenizer: needs an object, not array");
    CHECK(refusal("{}") == "tokenizer: \"kind\" is missing or not a string");
    CHECK(refusal(R"({"kind": 3})") == "tokenizer: \"kind\" is missing or not a string");
    CHECK(refusal(R"({"kind": "words"})") ==
          "tokenizer: kind \"words\" is unknown (known: characters, bytes, bpe)");
    CHECK(refusal(R"({"kind": "bpe", "split": 3, "merges": []})") ==
          "tokenizer: \"split\" is missing or unknown (known: words, none, digits, cl100k, qwen2)");
    CHECK(refusal(R"({"kind": "bpe", "split": "none"})") ==
          "tokenizer: \"merges\" is missing or not a list");
    CHECK(refusal(R"({"kind": "bpe", "split": "none", "merges": [[1, 2, 3]]})") ==
          "tokenizer: \"merges\" has an entry of 3 numbers, must be 2");
    CHECK(refusal(R"({"kind": "bpe", "split": "none", "merges": [[1, 2.5]]})") ==
          "tokenizer: \"merges\": \"2.5\" is not a whole number from 0 to 2147483647");
    CHECK(refusal(R"({"kind": "bpe", "split": "none", "merges": [[1, 256]]})") ==
          "bpe: merge 0 joins tokens 1 and 256, but there are only 256 before it");
    CHECK(refusal(R"({"kind": "bpe", "split": "none", "merges": [], "bytes": [1, 300]})") ==
          "tokenizer: \"bytes\": \"300\" is not a whole number from 0 to 255");
    CHECK(refusal(R"({"kind": "bpe", "split": "none", "merges": [], "specials": [1]})") ==
          "tokenizer: \"specials\" has an entry that is not a string");
    Json doubled = {{"kind", "bpe"}, {"split", "none"}, {"merges", Json::array({{97, 97}})}};
    for (int id = 256; id < 296; ++id) doubled["merges"].push_back({id, id});  // 2^41 bytes
    CHECK(refusal(doubled.dump().c_str()) ==
          "bpe: with merge 24, the tokens have more than 67108864 bytes");
    CHECK(refusal(R"({"kind": "characters"})") ==
          "tokenizer: \"characters\" is missing or not a string");
    CHECK(refusal(R"({"kind": "characters", "characters": ["a"]})") ==
          "tokenizer: \"characters\" is missing or not a string");
    CHECK(refusal(R"({"kind": "characters", "characters": ""})") ==
          "tokenizer: \"characters\" is empty");
    CHECK(refusal(R"({"kind": "characters", "characters": "ba"})") ==
          "tokenizer: \"characters\" is not in increasing order: 'b' (U+0062) before 'a' (U+0061)");
    CHECK(refusal(R"({"kind": "characters", "characters": "aa"})") != "accepted");
    CHECK_THROWS_AS(Tokenizer::from_json({{"kind", "characters"}, {"characters", "a\xFF"}}),
                    std::invalid_argument);
}
