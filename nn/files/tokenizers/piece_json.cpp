// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/piece_json.h"

#include <nlohmann/json.hpp>

#include "nn/files/json_fields.h"
#include "nn/files/tensor_name.h"
#include "nn/files/tokenizers/normaliser_json.h"
#include "nn/files/tokenizers/vocabulary.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

// The strings of an object {"token": id, ...}, by id.
std::vector<std::string> by_id(const JsonFields& model) {
    const Json& vocabulary = model.at("vocab");
    if (!vocabulary.is_object()) model.refuse("vocab", "must be an object");
    if (vocabulary.size() > kMostJsonTokens)
        model.refuse("vocab", fmt::format("more than {} tokens", kMostJsonTokens));
    std::vector<std::string> tokens(vocabulary.size());
    std::vector<bool> taken(vocabulary.size());
    for (const auto& [token, id] : vocabulary.items()) {
        if (!is_index(id, tokens.size()) || taken[id.get<std::size_t>()])
            model.refuse("vocab", fmt::format("the id of {} is {}; must be from 0 to {}, and each "
                                              "of them once",
                                              quoted_name(token), brief(id), tokens.size() - 1));
        taken[id.get<std::size_t>()] = true;
        tokens[id.get<std::size_t>()] = token;
    }
    return tokens;
}

// Calls visit(id, content, special) for each added token; those that are not in the vocabulary come
// after it, in order.
template <class Visit>
void added_tokens(const JsonFields& file, Visit visit) {
    if (!file.has("added_tokens")) return;
    for (const Json& json : file.list("added_tokens")) {
        const JsonFields token = file.entry(json, "added_tokens");
        const std::string content = token.text("content");
        if (!visit(token.number("id"), content, token.flag("special", false)))
            token.refuse("id", fmt::format("that of {} is {}, which is not the next one, and not "
                                           "that of the same token in the vocabulary",
                                           quoted_name(content), token.number("id")));
    }
}

void mark_added(const JsonFields& file, std::vector<Piece>& pieces) {
    added_tokens(file, [&](int id, const std::string& content, bool special) {
        const auto at = static_cast<std::size_t>(id);
        if (at > pieces.size() || (at < pieces.size() && pieces[at].text != content)) return false;
        if (at == pieces.size()) pieces.push_back({content});
        if (pieces[at].type != PieceType::unknown)
            pieces[at].type = special ? PieceType::control : PieceType::user_defined;
        return true;
    });
}

void mark_bytes(std::vector<Piece>& pieces) {
    for (Piece& piece : pieces)
        if (byte_of_name(piece.text)) piece.type = PieceType::byte;
}

// What the constructors say is wrong, as a FileError.
template <class Make>
auto checked(const std::string& path, Make make) {
    try {
        return make();
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

// The pairs of "merges": "a b" or ["a", "b"]. One with a special token cannot occur in a text.
std::vector<SentencePiece::Pair> merges_of(const JsonFields& model,
                                           const std::vector<Piece>& pieces) {
    std::unordered_map<std::string, int> ids;
    for (std::size_t id = 0; id < pieces.size(); ++id) ids[pieces[id].text] = static_cast<int>(id);
    std::vector<SentencePiece::Pair> merges;
    std::size_t number = 0;
    for (const Json& merge : model.list("merges")) {
        const auto refuse = [&](const char* why) {
            model.refuse("merges", fmt::format("entry {}, {}, {}", number, brief(merge), why));
        };
        const auto tokens = merged_tokens(merge);
        if (!tokens) refuse("is not a pair of tokens");
        const auto& [left, right] = *tokens;
        const auto a = ids.find(left), b = ids.find(right), both = ids.find(left + right);
        if (a == ids.end() || b == ids.end() || both == ids.end())
            refuse("names a token, or makes one, that is not in the vocabulary");
        const auto special = [&](int id) {
            const PieceType type = pieces[static_cast<std::size_t>(id)].type;
            return type == PieceType::control || type == PieceType::unknown ||
                   type == PieceType::byte;
        };
        if (!special(a->second) && !special(b->second) && !special(both->second))
            merges.emplace_back(a->second, b->second);
        ++number;
    }
    return merges;
}

void must_be_off(const JsonFields& model, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        const Json& value = model.at(key);
        const bool off =
            value.is_null() || value == false || value == "" || (value.is_number() && value == 0);
        if (!off) model.refuse(key, "is not supported");
    }
}

}  // namespace

SentencePiece sentencepiece_from_json(const nlohmann::json& json, const std::string& path) {
    const JsonFields file(json, "", path), model = file.object("model");
    must_be_off(model,
                {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"});
    std::vector<Piece> pieces;
    for (std::string& token : by_id(model)) pieces.push_back({std::move(token)});
    if (model.flag("byte_fallback", false)) mark_bytes(pieces);
    if (model.has("unk_token"))
        for (Piece& piece : pieces)
            if (piece.text == model.text("unk_token")) piece.type = PieceType::unknown;
    mark_added(file, pieces);
    PieceText text = piece_text_from_json(json, path);
    text.join_unknown = model.flag("fuse_unk", false);
    const std::vector<SentencePiece::Pair> merges = merges_of(model, pieces);
    return checked(path, [&] { return SentencePiece(std::move(pieces), std::move(text), merges); });
}

Unigram unigram_from_json(const nlohmann::json& json, const std::string& path) {
    const JsonFields file(json, "", path), model = file.object("model");
    const Json& vocabulary = model.list("vocab");
    if (vocabulary.size() > kMostJsonTokens)
        model.refuse("vocab", fmt::format("more than {} tokens", kMostJsonTokens));
    std::vector<Piece> pieces;
    for (const Json& entry : vocabulary) {
        if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() ||
            !entry[1].is_number())
            model.refuse("vocab", fmt::format("entry {} is not [string, number]", pieces.size()));
        pieces.push_back({entry[0].get<std::string>(), entry[1].get<double>()});
    }
    if (model.flag("byte_fallback", false)) mark_bytes(pieces);
    if (model.has("unk_id")) {
        const auto unknown = static_cast<std::size_t>(model.number("unk_id"));
        if (unknown >= pieces.size())
            model.refuse("unk_id",
                         fmt::format("{}, but there are {} pieces", unknown, pieces.size()));
        pieces[unknown].type = PieceType::unknown;
    }
    mark_added(file, pieces);
    PieceText text = piece_text_from_json(json, path);
    return checked(path, [&] {
        return Unigram(std::move(pieces), std::move(text), Unigram::Sums::in_double);
    });
}

WordPiece wordpiece_from_json(const nlohmann::json& json, const std::string& path) {
    const JsonFields file(json, "", path), model = file.object("model");
    WordPieceOptions options{.clean = false,
                             .split_ideographs = false,
                             .strip_accents = false,
                             .lowercase = false,
                             .special = {}};
    if (file.has("normalizer")) {
        const JsonFields normaliser = file.object("normalizer");
        if (normaliser.type() != "BertNormalizer") normaliser.unknown_type();
        options.clean = normaliser.flag("clean_text", true);
        options.split_ideographs = normaliser.flag("handle_chinese_chars", true);
        options.lowercase = normaliser.flag("lowercase", true);
        options.strip_accents = normaliser.flag("strip_accents", options.lowercase);
    }
    const JsonFields splitter = file.object("pre_tokenizer");
    if (splitter.type() != "BertPreTokenizer") splitter.unknown_type();
    options.unknown = model.text("unk_token");
    if (model.has("continuing_subword_prefix"))
        options.continuing = model.text("continuing_subword_prefix");
    if (model.has("max_input_chars_per_word"))
        options.longest_word = model.number("max_input_chars_per_word");
    std::vector<std::string> vocabulary = by_id(model);
    added_tokens(file, [&](int id, const std::string& content, bool special) {
        const auto at = static_cast<std::size_t>(id);
        if (at > vocabulary.size() || (at < vocabulary.size() && vocabulary[at] != content))
            return false;
        if (at == vocabulary.size()) vocabulary.push_back(content);
        if (special && content != options.unknown) options.special.push_back(content);
        return true;
    });
    return checked(path, [&] { return WordPiece(std::move(vocabulary), std::move(options)); });
}

}  // namespace gradus
