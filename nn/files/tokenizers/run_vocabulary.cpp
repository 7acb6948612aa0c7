// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/run_vocabulary.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "nn/files/tokenizers/tokenizer_json.h"
#include "nn/tokenizers/sentencepiece.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

constexpr const char *kFile = "tokenizer.json", *kPieces = "sentencepiece";

void add_ends(Json& object, const Tokenizer& tokenizer) {
    if (tokenizer.bos()) object["bos"] = *tokenizer.bos();
    if (tokenizer.eos()) object["eos"] = *tokenizer.eos();
}

void read_ends(const Json& object, Tokenizer& tokenizer) {
    const auto token = [&](const char* name) -> std::optional<int> {
        if (!object.contains(name)) return {};
        const Json& id = object[name];
        require(id.is_number_integer() && id >= 0 && id < tokenizer.size(),
                "tokenizer: \"{}\" must be a token, 0 to {}", name, tokenizer.size() - 1);
        return id.get<int>();
    };
    const auto bos = token("bos"), eos = token("eos");
    tokenizer.set_bos_eos(bos, eos);
}

Json pieces_json(const SentencePiece& model) {
    const PieceText& text = model.text_rules();
    require(!text.normalise,
            "tokenizer: run.json cannot keep a SentencePiece model that changes the text before it "
            "splits it");
    Json pieces = Json::array();
    for (int id = 0; id < model.size(); ++id) {
        const Piece& piece = model.piece(id);
        pieces.push_back({piece.text, piece.score, static_cast<int>(piece.type)});
    }
    return {{"kind", kPieces},
            {"pieces", pieces},
            {"prefix", static_cast<int>(text.prefix)},
            {"collapse_spaces", text.collapse_spaces},
            {"split_words", text.split_words},
            {"join_unknown", text.join_unknown}};
}

SentencePiece pieces_from_json(const Json& object) {
    std::vector<Piece> pieces;
    const Json list = object.value("pieces", Json());
    require(list.is_array(), "tokenizer: \"pieces\" is missing or not a list");
    for (const Json& entry : list) {
        require(entry.is_array() && entry.size() == 3 && entry[0].is_string() &&
                    entry[1].is_number() && entry[2].is_number_integer() && entry[2] >= 1 &&
                    entry[2] <= 6,
                "tokenizer: piece {} is not a text, a score and a type from 1 to 6", pieces.size());
        pieces.push_back({entry[0], entry[1], static_cast<PieceType>(entry[2].get<int>())});
    }
    const auto flag = [&](const char* name) {
        const Json value = object.value(name, Json());
        require(value.is_boolean(), "tokenizer: \"{}\" must be true or false", name);
        return value.get<bool>();
    };
    const Json prefix = object.value("prefix", Json());
    require(prefix.is_number_integer() && prefix >= 0 && prefix <= 2,
            "tokenizer: \"prefix\" must be 0, 1 or 2");
    PieceText text;
    text.prefix = static_cast<PieceText::Prefix>(prefix.get<int>());
    text.collapse_spaces = flag("collapse_spaces");
    text.split_words = flag("split_words");
    text.join_unknown = flag("join_unknown");
    return SentencePiece(std::move(pieces), text);
}

}  // namespace

Json vocabulary_json(const Tokenizer& tokenizer) {
    Json object;
    const auto* pieces = dynamic_cast<const SentencePiece*>(&tokenizer.model());
    const Bpe* bpe = tokenizer.bpe();
    if (pieces && !pieces->merges_by_pairs())
        object = pieces_json(*pieces);
    else if (pieces || (bpe && !bpe->in_order()))
        object = {{"kind", kFile}, {"file", Json::parse(tokenizer_file_json(tokenizer))}};
    else
        return tokenizer.to_json();
    add_ends(object, tokenizer);
    return object;
}

Tokenizer vocabulary_from_json(const Json& object, const std::string& path) {
    const Json kind = object.is_object() ? object.value("kind", Json()) : Json();
    if (kind != kFile && kind != kPieces) return Tokenizer::from_json(object);
    Tokenizer tokenizer =
        kind == kFile
            ? tokenizer_from_file_json(object.value("file", Json()), path)
            : Tokenizer(std::make_shared<SentencePiece>(pieces_from_json(object)), kPieces);
    read_ends(object, tokenizer);
    return tokenizer;
}

}  // namespace gradus
