// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/tokenizer_json.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "nn/files/bounded_json.h"
#include "nn/files/tokenizers/byte_names.h"
#include "nn/tokenizers/pretokens.h"
#include "nn/tokenizers/sentencepiece.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/settings.h"

using namespace gradus;
using Json = nlohmann::json;

namespace {

using Ids = std::vector<int>;

Json byte_level(bool use_regex) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", use_regex}};
}

// Ids 0 to 255: the bytes, the last first; then "he", "hell", "l" + "l", " w".
Json small_file() {
    Json vocabulary = Json::object();
    for (int byte = 0; byte < 256; ++byte) {
        const char text = static_cast<char>(byte);
        vocabulary[written_bytes({&text, 1})] = 255 - byte;
    }
    vocabulary["he"] = 256, vocabulary["hell"] = 258, vocabulary["ll"] = 257,
    vocabulary["Ġw"] = 260;
    const Json model = {{"type", "BPE"},
                        {"vocab", vocabulary},
                        {"merges", {"h e", "l l", "he ll", Json::array({"Ġ", "w"})}}};
    return {{"added_tokens",
             {{{"id", 261}, {"content", "<|end|>"}, {"special", true}},
              {{"id", 262}, {"content", "<tool>"}, {"special", false}}}},
            {"normalizer", nullptr},
            {"pre_tokenizer", byte_level(true)},
            {"decoder", byte_level(true)},
            {"model", model}};
}

// The pre_tokenizer of Llama 3 and Qwen2.
Json split_first(std::string_view pattern) {
    const Json split = {{"type", "Split"},
                        {"pattern", {{"Regex", pattern}}},
                        {"behavior", "Isolated"},
                        {"invert", false}};
    return {{"type", "Sequence"}, {"pretokenizers", Json::array({split, byte_level(false)})}};
}

std::string refusal(const Json& json) {
    const std::string error = file_error([&] { tokenizer_from_file_json(json, "f"); });
    return error.substr(std::min<std::size_t>(error.size(), 3));
}

}  // namespace

TEST_CASE("a switch of another type is refused, not taken for off") {
    for (const auto& wrong : {std::pair<const char*, Json>{"/model/ignore_merges", "true"},
                              {"/model/byte_fallback", 1},
                              {"/model/continuing_subword_prefix", 5},
                              {"/added_tokens/0/special", 1},
                              {"/pre_tokenizer/add_prefix_space", "yes"}}) {
        const std::string place = wrong.first;
        CAPTURE(place);
        Json file = small_file();
        file[Json::json_pointer(place)] = wrong.second;
        CHECK(refusal(file).find(" belongs") != std::string::npos);
    }
}

TEST_CASE("byte-level BPE with any ids, a gap, a special token and an added one") {
    const Tokenizer v = tokenizer_from_file_json(small_file(), "f");
    CHECK(v.kind() == Tokenizer::Kind::bpe);
    CHECK(v.size() == 263);
    CHECK(v.encode("hell w") == Ids{258, 260});
    CHECK(v.encode("h<tool>he") == Ids{255 - 'h', 262, 256});
    CHECK(v.decode({258, 261, 262, 259}) == "hell<tool>");
    CHECK(v.model().is_special(259));  // the gap
    const Ids ids = v.encode("<|end|>");
    CHECK(ids.size() == 7);
    CHECK(v.encode_with_specials("he<|end|>") == Ids{256, 261});
}

TEST_CASE("the steps of the pre_tokenizer give the rule") {
    const auto split = [](const Json& step) {
        Json json = small_file();
        json["pre_tokenizer"] = step;
        return byte_level_bpe(json, "f").split();
    };
    CHECK(split(byte_level(true)) == Split::gpt2);
    CHECK(split(byte_level(false)) == Split::none);
    CHECK(split({{"type", "ByteLevel"}}) == Split::gpt2);
    for (const Split rule : {Split::gpt2, Split::cl100k, Split::qwen2})
        CHECK(split(split_first(pattern_of(rule))) == rule);
    Json removed = split_first(pattern_of(Split::cl100k));
    removed["pretokenizers"][0]["behavior"] = "Removed";
    removed["pretokenizers"][0]["invert"] = true;
    CHECK(split(removed) == Split::cl100k);
    const Json digits = {{"type", "Digits"}, {"individual_digits", true}};
    CHECK(split({{"type", "Sequence"},
                 {"pretokenizers", Json::array({digits, byte_level(true)})}}) == Split::digits);

    Json json = small_file();
    json["pre_tokenizer"] = split_first("\\w+|\x1B[31m| ");
    CHECK(refusal(json) ==
          "pre_tokenizer: the pattern \"\\w+|\\x1B[31m| \" is not known (known: those of GPT-2, "
          "cl100k "
          "or Llama 3, and Qwen2)");
    json["pre_tokenizer"] = split_first(std::string(1'000'000, '+'));
    CHECK(refusal(json).size() < 600);
    removed["pretokenizers"][0]["invert"] = false;
    json["pre_tokenizer"] = removed;
    CHECK(
        refusal(json) ==
        "pre_tokenizer: behavior \"Removed\" with invert false is not supported (known: Isolated)");
    json["pre_tokenizer"] = split_first(pattern_of(Split::cl100k));
    json["pre_tokenizer"]["pretokenizers"][1]["use_regex"] = true;
    CHECK(refusal(json) ==
          "pre_tokenizer: \"Split\" before ByteLevel with use_regex is not supported");
    json["pre_tokenizer"]["pretokenizers"].push_back(byte_level(true));
    CHECK(refusal(json) == "the pre_tokenizer has 3 steps, at most 2");
    json["pre_tokenizer"] = byte_level(true);
    json["pre_tokenizer"]["add_prefix_space"] = true;
    CHECK(refusal(json) ==
          "pre_tokenizer.add_prefix_space is true: texts would not come back as they were");
}

TEST_CASE("what this library cannot do exactly is refused with the part's name") {
    const auto with = [](const char* key, const Json& value) {
        Json json = small_file();
        json[Json::json_pointer(key)] = value;
        return refusal(json);
    };
    CHECK(with("/model/ignore_merges", true) == "");
    CHECK(with("/normalizer/type", "NFC") == "");
    CHECK(with("/normalizer/type", "NFKC") ==
          "normalizer \"NFKC\" is not supported for byte-level BPE (known: NFC)");
    CHECK(with("/decoder", nullptr) == "decoder \"\" does not fit the pre_tokenizer ByteLevel");
    CHECK(with("/model/end_of_word_suffix", "</w>") ==
          "model.end_of_word_suffix is \"</w>\", must be empty");
    CHECK(with("/model/byte_fallback", true) ==
          "model.byte_fallback is true, which byte-level BPE does not need");
    CHECK(with("/model/dropout", 0.1) ==
          "model.dropout is not 0: its ids would be drawn at random");
    CHECK(with("/model/dropout", 0.0) == "");
    CHECK(with("/model/type", "Trigram") ==
          "model.type \"Trigram\" is not supported (known: BPE, Unigram, WordPiece, WordLevel)");
    CHECK(with("/model", 3) == "\"model\" is missing or not an object");
    CHECK(with("/model/vocab", 3) == "the vocabulary is number, not an object of tokens and ids");
    CHECK(with("/model/vocab/he", -1) ==
          "token \"he\" has the id -1, must be a whole number from 0 to 4194303");
    CHECK(with("/model/vocab/he", "1") ==
          "token \"he\" has the id string, must be a whole number from 0 to 4194303");
    CHECK(with("/model/vocab/he", 258) == "tokens \"he\" and \"hell\" have the same id 258");
    CHECK(with("/model/vocab/he", 4'000'000) ==
          "260 tokens, but the largest id is 4000000: too many are missing");
    CHECK(with("/model/vocab/世", 263) ==
          "token \"世\" (id 263) has a character that stands for no byte");
    CHECK(with("/model/vocab/", 263) == "the token with the id 263 is empty");
    CHECK(with("/model/merges", "h e") == "model.merges is missing or not a list");
    const std::pair<Json, const char*> faults[] = {{"h", "\"h\""},
                                                   {3, "3"},
                                                   {Json::array({"h"}), "a list"},
                                                   {Json::array({"h", 3}), "a list"},
                                                   {"h x y", "\"h x y\""}};
    for (const auto& [merge, shown] : faults)
        CHECK(with("/model/merges/0", merge) ==
              fmt::format("model.merges: number 0, {}, is not a pair of tokens", shown));
    for (const Json& merge : {Json("h xy"), Json("xy h"), Json::array({"h", "xy"})})
        CHECK(with("/model/merges/0", merge) ==
              "model.merges: number 0: \"xy\" is not a token of the vocabulary");
    CHECK(with("/model/merges/0", "e h") == "bpe: merge 0 makes \"eh\", which is not a token");
    CHECK(with("/added_tokens", 3) == "added_tokens is not a list");
    CHECK(with("/added_tokens/0/id", "x") ==
          "added_tokens: an id is missing or not a whole number from 0 to 4194303");
    CHECK(with("/added_tokens/0/id", 262) == "added_tokens: the id 262 occurs twice");
    CHECK(with("/added_tokens/0/id", 256) ==
          "added_tokens: \"<|end|>\" has the id 256 of token \"he\"");
    CHECK(with("/added_tokens/0/content", "he") ==
          "added_tokens: \"he\" has the id 261, but 256 in the vocabulary");
    CHECK(with("/added_tokens/0/content", "") == "added_tokens: token 261 has no content");
    CHECK(with("/added_tokens/1/lstrip", true) ==
          "added_tokens: \"<tool>\" has lstrip, which is not supported");
    CHECK(with("/added_tokens/0/lstrip", true) ==
          "");  // a special token is never looked for in text
}

TEST_CASE("a written file gives the same tokenizer again, whatever the splitting rule") {
    const std::string text = "The cat sat. 12345 it's 猫坐着。\n\n \xFF  end";
    for (const Split split :
         {Split::none, Split::gpt2, Split::digits, Split::cl100k, Split::qwen2}) {
        const Bpe bpe = Bpe::train(text + text + text, 20, split);
        const Tokenizer v = Tokenizer::bpe(Bpe(bpe.merges(), split, {"<|end|>", "<s>"}));
        const Json json = parse_bounded_json(tokenizer_file_json(v), "f");
        const Tokenizer back = tokenizer_from_file_json(json, "f");
        CHECK(back == v);
        CHECK(back.encode(text) == v.encode(text));
    }
    Tokenizer v = tokenizer_from_file_json(small_file(), "f");
    CHECK(tokenizer_from_file_json(Json::parse(tokenizer_file_json(v)), "f") == v);
    const Tokenizer bytes =
        tokenizer_from_file_json(Json::parse(tokenizer_file_json(Tokenizer())), "f");
    CHECK(bytes.encode(text) == Tokenizer().encode(text));
}

TEST_CASE(
    "characters go to tokenizer.json as words of one character, and nothing else comes back so") {
    const Tokenizer characters = Tokenizer::characters("héllo\n 世界");
    const Json file = Json::parse(tokenizer_file_json(characters));
    CHECK(file["model"]["type"] == "WordLevel");
    CHECK(tokenizer_from_file_json(file, "f") == characters);
    const auto refused = [](Json changed) {
        return file_error([&] { tokenizer_from_file_json(changed, "f"); });
    };
    const std::string said =
        "f: model.type WordLevel is known only with a word for each character, in increasing order";
    Json other = file;
    other["pre_tokenizer"]["pattern"]["Regex"] = "\\w";
    CHECK(refused(other) == said);
    other = file;
    other["model"]["vocab"] = {{"ab", 0}};
    CHECK(refused(other) == said);
    other["model"]["vocab"] = {{"b", 0}, {"a", 1}};
    CHECK(refused(other) == said);
    other["model"]["vocab"] = Json::object();
    CHECK(refused(other) == said);
}

TEST_CASE("what tokenizer.json cannot hold is refused") {
    // Two ways to make "abc", with an id each.
    const Bpe twice({{'a', 'b'}, {'b', 'c'}, {256, 'c'}, {'a', 257}});
    CHECK_THROWS_WITH_AS(tokenizer_file_json(Tokenizer::bpe(twice)),
                         "tokenizer.json: tokens 258 and 259 are both written \"abc\"",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(tokenizer_file_json(Tokenizer::bpe(Bpe({}, Split::gpt2, {"\xFF"}))),
                         "tokenizer.json: the name of token 256, \"\\xFF\", is not UTF-8",
                         std::invalid_argument);
    BpeTable ranks;
    for (int byte = 0; byte < 256; ++byte) ranks.tokens.emplace_back(1, static_cast<char>(byte));
    ranks.tokens.emplace_back("ab");
    ranks.merge_lowest_id = true;
    CHECK_THROWS_AS(tokenizer_file_json(Tokenizer::bpe(Bpe(ranks))), std::invalid_argument);
}

TEST_CASE("a damaged tokenizer.json is read or refused, at every length and with any byte (1 s)") {
    const std::string whole = small_file().dump();
    Random random(1, Stream::user);
    for (int round = 0; round < 1200; round += kSanitized ? 5 : 1) {
        std::string text = whole;
        if (round < 200)
            text.resize(random.below(text.size()));
        else
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        file_error([&] { tokenizer_from_file_json(parse_bounded_json(text, "f"), "f"); });
    }
}

TEST_CASE("SentencePiece goes to tokenizer.json with every way to make a piece, and comes back") {
    std::vector<Piece> list = {{"<unk>", 0, PieceType::unknown},
                               {"<s>", 0, PieceType::control},
                               {"</s>", 0, PieceType::control},
                               {"<user>", 0, PieceType::user_defined}};
    for (int byte = 0; byte < 256; ++byte)
        list.push_back({fmt::format("<0x{:02X}>", byte), 0, PieceType::byte});
    for (const char* text : {"▁t", "he", "▁the", "ca", "▁ca", "▁cat", "at", "▁▁", "猫猫", "▁", "t",
                             "h", "e", "c", "a", "s", "猫"})
        list.push_back({text, -static_cast<double>(list.size()), PieceType::normal});
    const std::vector<std::string> alphabet = {"t",  "h", "e", "c",   "a",      "s", " ",
                                               "猫", "x", "é", "<s>", "<user>", "▁", "\n"};
    for (const PieceText::Prefix prefix : {PieceText::Prefix::always, PieceText::Prefix::none}) {
        PieceText text;
        text.prefix = prefix;
        Tokenizer scores(std::make_shared<SentencePiece>(list, text), "sentencepiece");
        scores.set_bos_eos(1, 2);
        const Json file = Json::parse(tokenizer_file_json(scores));
        CHECK(file["post_processor"]["special_tokens"]["<s>"]["ids"] == Json({1}));
        const Tokenizer again = tokenizer_from_file_json(file, "f");
        CHECK(again.kind_name() == "sentencepiece");
        // Written again, it lists the same merges.
        Tokenizer with_ends = again;
        with_ends.set_bos_eos(1, 2);
        CHECK(Json::parse(tokenizer_file_json(with_ends)) == file);
        Random random(3);
        for (int round = 0; round < 2000; ++round) {
            std::string sample;
            for (std::size_t n = random.below(14); n > 0; --n)
                sample += alphabet[random.below(alphabet.size())];
            CAPTURE(sample);
            REQUIRE(again.encode(sample) == scores.encode(sample));
        }
    }
}
