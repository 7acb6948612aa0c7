// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "nn/files/tokenizers/byte_names.h"
#include "nn/files/tokenizers/tokenizer_json.h"
#include "nn/text/utf8.h"
#include "nn/tokenizers/sentencepiece.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

Json byte_level(bool use_regex) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", false},
            {"trim_offsets", true},
            {"use_regex", use_regex}};
}

Json pre_tokenizer(Split split) {
    if (split == Split::gpt2 || split == Split::none) return byte_level(split == Split::gpt2);
    const Json first = split == Split::digits
                           ? Json{{"type", "Digits"}, {"individual_digits", true}}
                           : Json{{"type", "Split"},
                                  {"pattern", {{"Regex", pattern_of(split)}}},
                                  {"behavior", "Isolated"},
                                  {"invert", false}};
    return {{"type", "Sequence"},
            {"pretokenizers", Json::array({first, byte_level(split == Split::digits)})}};
}

// Special tokens are in the vocabulary, too: readers take the ids of added tokens from there.
Json added_token(int id, const std::string& name, bool special) {
    require(utf8_valid_prefix(name) == name.size(),
            "tokenizer.json: the name of token {}, {}, is not UTF-8", id, in_quotes(name));
    return {{"id", id},        {"content", name},     {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false}, {"special", special}};
}

// Every character is a word, and a word that is not in the vocabulary is refused, since the unknown token
// is not there either.
Json characters_json(const Tokenizer& tokenizer) {
    Json vocabulary = Json::object();
    for (int id = 0; id < tokenizer.size(); ++id) vocabulary[tokenizer.token(id)] = id;
    return {{"added_tokens", Json::array()},
            {"normalizer", nullptr},
            {"pre_tokenizer",
             {{"type", "Split"},
              {"pattern", {{"Regex", kAnyCharacter}}},
              {"behavior", "Isolated"},
              {"invert", false}}},
            {"decoder", {{"type", "Fuse"}}},
            {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "[UNK]"}}}};
}

// Llama 2's form: spaces are written as U+2581, one is put before the text, and what has no piece becomes
// its bytes.
Json sentencepiece_json(const SentencePiece& model) {
    const PieceText& text = model.text_rules();
    require(!text.normalise && !text.collapse_spaces && !text.split_words &&
                text.prefix != PieceText::Prefix::unless_there,
            "tokenizer.json: this SentencePiece model prepares a text in ways that are not written "
            "here (keep the file that it came from)");
    Json vocabulary = Json::object(), added = Json::array(), merges = Json::array(), unknown;
    bool bytes = false;
    for (int id = 0; id < model.size(); ++id) {
        const Piece& piece = model.piece(id);
        require(
            utf8_valid_prefix(piece.text) == piece.text.size() && !vocabulary.contains(piece.text),
            "tokenizer.json: piece {}, {}, is not UTF-8 or there twice", id, in_quotes(piece.text));
        vocabulary[piece.text] = id;
        bytes = bytes || piece.type == PieceType::byte;
        if (piece.type == PieceType::unknown) unknown = piece.text;
        const bool special = piece.type == PieceType::unknown || piece.type == PieceType::control;
        if (special || piece.type == PieceType::user_defined)
            added.push_back(added_token(id, piece.text, special));
    }
    for (const auto& [left, right] : model.merges()) {
        const Json whole = model.piece(left).text + model.piece(right).text;
        const auto made = vocabulary.find(whole.get_ref<const std::string&>());
        require(made == vocabulary.end() || model.piece(made->get<int>()).type != PieceType::unused,
                "tokenizer.json: {} is a step of merging that no text ends with, which is not "
                "written here",
                in_quotes(whole.get_ref<const std::string&>()));
        merges.push_back(model.piece(left).text + " " + model.piece(right).text);
    }
    const auto replace = [](const char* from, const char* to) {
        return Json{{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
    };
    Json normalizers = Json::array(), decoders = Json::array();
    if (text.prefix == PieceText::Prefix::always)
        normalizers.push_back({{"type", "Prepend"}, {"prepend", "▁"}});
    normalizers.push_back(replace(" ", "▁"));
    decoders = {replace("▁", " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
    if (text.prefix == PieceText::Prefix::always)
        decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    return {{"added_tokens", added},
            {"normalizer", {{"type", "Sequence"}, {"normalizers", normalizers}}},
            {"pre_tokenizer", nullptr},
            {"decoder", {{"type", "Sequence"}, {"decoders", decoders}}},
            {"model",
             {{"type", "BPE"},
              {"dropout", nullptr},
              {"unk_token", unknown},
              {"continuing_subword_prefix", nullptr},
              {"end_of_word_suffix", nullptr},
              {"fuse_unk", text.join_unknown},
              {"byte_fallback", bytes},
              {"vocab", vocabulary},
              {"merges", merges}}}};
}

// What puts BOS before every text; null if nothing does.
Json post_processor(const Tokenizer& tokenizer) {
    if (!tokenizer.bos()) return nullptr;
    const std::string& name = tokenizer.token(*tokenizer.bos());
    const Json bos = {{"SpecialToken", {{"id", name}, {"type_id", 0}}}};
    const auto text = [](const char* id, int type) {
        return Json{{"Sequence", {{"id", id}, {"type_id", type}}}};
    };
    return {{"type", "TemplateProcessing"},
            {"single", Json::array({bos, text("A", 0)})},
            {"pair", Json::array({bos, text("A", 0), text("B", 1)})},
            {"special_tokens",
             {{name,
               {{"id", name},
                {"ids", Json::array({*tokenizer.bos()})},
                {"tokens", Json::array({name})}}}}}};
}

std::string whole_file(const Tokenizer& tokenizer, Json parts) {
    parts["version"] = "1.0";
    for (const char* none : {"truncation", "padding"}) parts[none] = nullptr;
    parts["post_processor"] = post_processor(tokenizer);
    return parts.dump(1) + "\n";
}

}  // namespace

std::string tokenizer_file_json(const Tokenizer& tokenizer) {
    const Tokenizer::Kind kind = tokenizer.kind();
    if (const auto* pieces = dynamic_cast<const SentencePiece*>(&tokenizer.model()))
        return whole_file(tokenizer, sentencepiece_json(*pieces));
    require(kind != Tokenizer::Kind::other, "tokenizer.json: the kind \"{}\" cannot be written",
            tokenizer.kind_name());
    if (kind == Tokenizer::Kind::characters)
        return whole_file(tokenizer, characters_json(tokenizer));
    const Bpe bytes({}, Split::none);
    const Bpe& bpe = kind == Tokenizer::Kind::bytes ? bytes : *tokenizer.bpe();
    require(!bpe.merges_lowest_id(),
            "tokenizer.json: the ranks of a tiktoken file, where any split of a token is a merge, "
            "cannot be written as a list of merges");

    Json added = Json::array(), vocabulary = Json::object(), merges = Json::array();
    std::vector<bool> is_added(static_cast<std::size_t>(bpe.size()));
    for (const int id : bpe.added()) is_added[static_cast<std::size_t>(id)] = true;
    for (int id = 0; id < bpe.size(); ++id) {
        const std::string& token = bpe.token(id);
        if (token.empty()) continue;  // a gap
        const bool special = bpe.is_special(id),
                   raw = special || is_added[static_cast<std::size_t>(id)];
        if (raw) added.push_back(added_token(id, token, special));
        const auto [at, is_new] = vocabulary.emplace(raw ? token : written_bytes(token), id);
        require(is_new, "tokenizer.json: tokens {} and {} are both written {}", at->dump(), id,
                in_quotes(at.key()));
    }
    for (const auto& [left, right] : bpe.merges())
        merges.push_back(written_bytes(bpe.token(left)) + " " + written_bytes(bpe.token(right)));
    const Json null;
    const Json model = {{"type", "BPE"},
                        {"dropout", null},
                        {"unk_token", null},
                        {"continuing_subword_prefix", null},
                        {"end_of_word_suffix", null},
                        {"fuse_unk", false},
                        {"byte_fallback", false},
                        {"ignore_merges", bpe.whole_words()},
                        {"vocab", vocabulary},
                        {"merges", merges}};
    return whole_file(tokenizer, {{"added_tokens", added},
                                  {"normalizer", bpe.nfc() ? Json{{"type", "NFC"}} : null},
                                  {"pre_tokenizer", pre_tokenizer(bpe.split())},
                                  {"decoder", byte_level(true)},
                                  {"model", model}});
}

}  // namespace gradus
