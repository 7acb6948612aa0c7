// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/run_vocabulary.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/wordpiece.h"

using namespace gradus;
using Json = nlohmann::json;

namespace {

const std::string kText = "the cat, 猫 <s> naïve";

Tokenizer pieces(PieceText text = {}) {
    std::vector<Piece> list = {{"<unk>", 0, PieceType::unknown},
                               {"<s>", 0, PieceType::control},
                               {"</s>", 0, PieceType::control}};
    for (int byte = 0; byte < 256; ++byte)
        list.push_back({fmt::format("<0x{:02X}>", byte), 0, PieceType::byte});
    for (const char* piece : {"▁", "t", "h", "e", "▁t", "he", "▁the", "c", "a"})
        list.push_back({piece, -static_cast<float>(list.size()), PieceType::normal});
    Tokenizer tokenizer(std::make_shared<SentencePiece>(list, std::move(text)), "sentencepiece");
    tokenizer.set_bos_eos(1, 2);
    return tokenizer;
}

// The bytes come last, and there is a gap between the ids.
Tokenizer own_ids() {
    BpeTable table;
    table.tokens = {"<|end|>", "th", "the", ""};
    table.specials = {0};
    for (int byte = 0; byte < 256; ++byte) table.tokens.emplace_back(1, static_cast<char>(byte));
    table.merges = {{4 + 't', 4 + 'h'}, {1, 4 + 'e'}};
    table.split = Split::qwen2;
    table.nfc = true;
    Tokenizer tokenizer = Tokenizer::bpe(Bpe(table));
    tokenizer.set_bos_eos({}, 0);
    return tokenizer;
}

}  // namespace

TEST_CASE("a run keeps any tokenizer that it can train on, with its special tokens") {
    PieceText plain;
    plain.prefix = PieceText::Prefix::none, plain.collapse_spaces = true;
    for (const Tokenizer& tokenizer :
         {Tokenizer::characters(kText), Tokenizer::bytes(),
          Tokenizer::bpe(Bpe::train("the cat the cat", 3)), own_ids(), pieces(), pieces(plain)}) {
        CAPTURE(tokenizer.kind_name());
        const std::string kept = vocabulary_json(tokenizer).dump();
        const Tokenizer again = vocabulary_from_json(Json::parse(kept), "run.json");
        CHECK(again == tokenizer);
        CHECK(again.encode(kText) == tokenizer.encode(kText));
        CHECK(again.kind_name() == tokenizer.kind_name());
        CHECK(again.bos() == tokenizer.bos());
        CHECK(again.eos() == tokenizer.eos());
        CHECK(vocabulary_json(again).dump() == kept);
    }
}

TEST_CASE("a tokenizer that run.json cannot keep is refused before anything is trained") {
    PieceText changed;
    changed.normalise = [](std::string_view text) { return std::string(text); };
    CHECK_THROWS_WITH_AS(vocabulary_json(pieces(changed)),
                         "tokenizer: run.json cannot keep a SentencePiece model that changes the "
                         "text before it splits it",
                         std::invalid_argument);
    const Tokenizer words(std::make_shared<WordPiece>(std::vector<std::string>{"[UNK]", "a"}),
                          "wordpiece");
    CHECK_THROWS_WITH_AS(vocabulary_json(words),
                         "tokenizer: the kind \"wordpiece\" has no form in run.json (keep the file "
                         "that it came from)",
                         std::invalid_argument);
}

TEST_CASE("a damaged tokenizer in run.json is refused, and the message says what is wrong") {
    const auto message = [](const Tokenizer& tokenizer, auto change) {
        Json json = vocabulary_json(tokenizer);
        change(json);
        try {
            vocabulary_from_json(json, "run.json");
        } catch (const std::exception& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message(pieces(), [](Json& j) { j.erase("pieces"); }) ==
          "tokenizer: \"pieces\" is missing or not a list");
    CHECK(message(pieces(), [](Json& j) { j["pieces"][3][2] = 7; }) ==
          "tokenizer: piece 3 is not a text, a score and a type from 1 to 6");
    CHECK(message(pieces(), [](Json& j) { j["prefix"] = 3; }) ==
          "tokenizer: \"prefix\" must be 0, 1 or 2");
    CHECK(message(pieces(), [](Json& j) { j["join_unknown"] = 1; }) ==
          "tokenizer: \"join_unknown\" must be true or false");
    CHECK(message(pieces(), [](Json& j) { j["eos"] = 268; }) ==
          "tokenizer: \"eos\" must be a token, 0 to 267");
    CHECK(message(own_ids(), [](Json& j) { j["file"] = 3; }) ==
          "run.json: \"model\" is missing or not an object");
    CHECK(message(own_ids(), [](Json& j) {
              j["kind"] = "none";
          }).starts_with("tokenizer: kind \"none\" is unknown"));
}
