// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/tokenizer_json.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "nn/files/json_fields.h"
#include "nn/files/tokenizers/byte_names.h"
#include "nn/files/tokenizers/piece_json.h"
#include "nn/files/tokenizers/vocabulary.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

// A member of an object; null if there is none, or it is not an object.
const Json& member(const Json& object, const char* key) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(key);
    return found == object.end() ? null : *found;
}

// "" for null.
std::string text_of(const Json& value) {
    require(value.is_null() || value.is_string(), "{} where a string belongs", brief(value));
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::string type_of(const Json& part) {
    return text_of(member(part, "type"));
}

// False for null.
bool is_true(const Json& value) {
    require(value.is_null() || value.is_boolean(), "{} where true or false belongs", brief(value));
    return value.is_boolean() && value.get<bool>();
}

class Reader {
 public:
    Reader(const Json& json, const std::string& path)
        : json_(json), model_(member(json, "model")), path_(path) {}

    BpeTable table() {
        check_model();
        table_.split = split();
        table_.whole_words = is_true(member(model_, "ignore_merges"));
        table_.nfc = type_of(member(json_, "normalizer")) == "NFC";
        const VocabularyFile vocabulary(member(model_, "vocab"), path_);
        read_tokens(vocabulary);
        read_merges(vocabulary);
        return std::move(table_);
    }

 private:
    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
        throw FileError(path_, fmt::format(format, std::forward<Args>(args)...));
    }

    void check_model() const {
        for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
            if (!text_of(member(model_, key)).empty())
                refuse("model.{} is {}, must be empty", key,
                       in_quotes(text_of(member(model_, key))));
        if (is_true(member(model_, "byte_fallback")))
            refuse("model.byte_fallback is true, which byte-level BPE does not need");
        const Json& dropout = member(model_, "dropout");
        if (dropout.is_number() && dropout != 0)
            refuse("model.dropout is not 0: its ids would be drawn at random");
        const Json& normalizer = member(json_, "normalizer");
        if (!normalizer.is_null() && type_of(normalizer) != "NFC")
            refuse("normalizer {} is not supported for byte-level BPE (known: NFC)",
                   in_quotes(type_of(normalizer)));
        if (const Json& decoder = member(json_, "decoder"); type_of(decoder) != "ByteLevel")
            refuse("decoder {} does not fit the pre_tokenizer ByteLevel",
                   in_quotes(type_of(decoder)));
    }

    // The steps of the pre_tokenizer: one, or those of a sequence.
    Split split() const {
        const Json& whole = member(json_, "pre_tokenizer");
        std::vector<Json> steps;
        if (type_of(whole) == "Sequence")
            for (const Json& step : member(whole, "pretokenizers")) steps.push_back(step);
        else
            steps.push_back(whole);
        const Json last = steps.empty() ? Json() : steps.back();
        if (type_of(last) != "ByteLevel") refuse("the pre_tokenizer's last step is not ByteLevel");
        if (is_true(member(last, "add_prefix_space")))
            refuse(
                "pre_tokenizer.add_prefix_space is true: texts would not come back as they were");
        const Json& use = member(last, "use_regex");
        const bool by_gpt2 = use.is_null() || is_true(use);  // the default
        if (steps.size() == 1) return by_gpt2 ? Split::gpt2 : Split::none;
        if (steps.size() > 2) refuse("the pre_tokenizer has {} steps, at most 2", steps.size());
        if (type_of(steps[0]) == "Digits" && is_true(member(steps[0], "individual_digits")) &&
            by_gpt2)
            return Split::digits;
        if (type_of(steps[0]) != "Split" || by_gpt2)
            refuse("pre_tokenizer: {} before ByteLevel{} is not supported",
                   in_quotes(type_of(steps[0])), by_gpt2 ? " with use_regex" : "");
        return split_of_pattern(steps[0]);
    }

    // The patterns match every character, so that what they do not match need not be thought of:
    // to isolate the matches is to remove all the rest.
    Split split_of_pattern(const Json& step) const {
        const std::string pattern = text_of(member(member(step, "pattern"), "Regex"));
        const std::string behaviour = text_of(member(step, "behavior"));
        const bool invert = is_true(member(step, "invert"));
        if (!(behaviour == "Isolated" && !invert) && !(behaviour == "Removed" && invert))
            refuse("pre_tokenizer: behavior {} with invert {} is not supported (known: Isolated)",
                   in_quotes(behaviour), invert);
        for (const Split split : {Split::gpt2, Split::cl100k, Split::qwen2})
            if (pattern == pattern_of(split)) return split;
        std::string shown;  // whole, unlike most quotations: it is what one has to look up
        for (std::size_t at = 0; at < std::min<std::size_t>(pattern.size(), 400); at += 24) {
            const std::string part = in_quotes(std::string_view(pattern).substr(at, 24));
            shown += part.substr(1, part.size() - 2);
        }
        refuse(
            "pre_tokenizer: the pattern \"{}\" is not known (known: those of GPT-2, cl100k or "
            "Llama 3, and Qwen2)",
            shown);
    }

    void read_tokens(const VocabularyFile& vocabulary) {
        std::size_t size = vocabulary.size(), count = vocabulary.ids().size();
        const Json& added = member(json_, "added_tokens");
        if (!added.is_null() && !added.is_array()) refuse("added_tokens is not a list");
        for (const Json& token : added) {
            const std::optional<int> id = token_id(member(token, "id"));
            if (!id)
                refuse("added_tokens: an id is missing or not a whole number from 0 to {}",
                       kMostTokenIds - 1);
            size = std::max(size, static_cast<std::size_t>(*id) + 1);
            ++count;
        }
        require_few_gaps(count, size, path_);
        table_.tokens.resize(size);
        for (const Json& token : added) add(token, vocabulary);
        for (const auto& [written, id] : vocabulary.ids()) {
            std::string& token = table_.tokens[static_cast<std::size_t>(id)];
            if (!token.empty() && token != written)
                refuse("added_tokens: {} has the id {} of token {}", in_quotes(token), id,
                       in_quotes(written));
            if (!token.empty()) continue;
            auto bytes = read_written_bytes(written);
            if (!bytes)
                refuse("token {} (id {}) has a character that stands for no byte",
                       in_quotes(written), id);
            token = std::move(*bytes);
        }
    }

    void add(const Json& token, const VocabularyFile& vocabulary) {
        const int id = member(token, "id").get<int>();
        const std::string content = text_of(member(token, "content"));
        std::string& place = table_.tokens[static_cast<std::size_t>(id)];
        if (content.empty()) refuse("added_tokens: token {} has no content", id);
        if (!place.empty()) refuse("added_tokens: the id {} occurs twice", id);
        if (const int known = vocabulary.find(content); known >= 0 && known != id)
            refuse("added_tokens: {} has the id {}, but {} in the vocabulary", in_quotes(content),
                   id, known);
        place = content;
        if (is_true(member(token, "special"))) return table_.specials.push_back(id);
        for (const char* key : {"single_word", "lstrip", "rstrip"})
            if (is_true(member(token, key)))
                refuse("added_tokens: {} has {}, which is not supported", in_quotes(content), key);
        table_.added.push_back(id);
    }

    void read_merges(const VocabularyFile& vocabulary) {
        const Json& merges = member(model_, "merges");
        if (!merges.is_array()) refuse("model.merges is missing or not a list");
        std::size_t number = 0;
        for (const Json& merge : merges) {
            const auto both = merged_tokens(merge);
            if (!both)
                refuse("model.merges: number {}, {}, is not a pair of tokens", number,
                       brief(merge));
            const int ids[] = {vocabulary.find(both->first), vocabulary.find(both->second)};
            if (ids[0] < 0 || ids[1] < 0)
                refuse("model.merges: number {}: {} is not a token of the vocabulary", number,
                       in_quotes(ids[0] < 0 ? both->first : both->second));
            table_.merges.emplace_back(ids[0], ids[1]);
            ++number;
        }
    }

    const Json& json_;
    const Json& model_;
    const std::string& path_;
    BpeTable table_;
};

// WordLevel is read only as tokenizer_file_json() writes it: each character a word.
Tokenizer characters_from(const Json& json, const std::string& path) {
    const Json& step = member(json, "pre_tokenizer");
    const VocabularyFile vocabulary(member(member(json, "model"), "vocab"), path);
    std::vector<std::string> tokens(vocabulary.size());
    for (const auto& [token, id] : vocabulary.ids()) tokens[static_cast<std::size_t>(id)] = token;
    std::string all;
    for (const std::string& token : tokens) all += token;
    const bool ours = type_of(step) == "Split" && !all.empty() &&
                      text_of(member(member(step, "pattern"), "Regex")) == kAnyCharacter &&
                      utf8_valid_prefix(all) == all.size() &&
                      utf8_count(all) == static_cast<Index>(tokens.size());
    Tokenizer tokenizer = ours ? Tokenizer::characters(all) : Tokenizer();
    for (std::size_t id = 0; ours && id < tokens.size(); ++id)
        if (tokenizer.size() != static_cast<int>(tokens.size()) ||
            tokenizer.token(static_cast<int>(id)) != tokens[id])
            tokenizer = Tokenizer();
    if (tokenizer.kind() != Tokenizer::Kind::characters)
        throw FileError(path,
                        "model.type WordLevel is known only with a word for each character, in "
                        "increasing order");
    return tokenizer;
}

template <class Model>
Tokenizer held(Model model, const char* kind) {
    return {std::make_shared<Model>(std::move(model)), kind};
}

bool is_byte_level(const Json& json) {
    const Json& step = member(json, "pre_tokenizer");
    if (type_of(step) == "ByteLevel") return true;
    const Json& list = member(step, "pretokenizers");
    return std::any_of(list.begin(), list.end(),
                       [](const Json& part) { return type_of(part) == "ByteLevel"; });
}

}  // namespace

Bpe byte_level_bpe(const nlohmann::json& json, const std::string& path) {
    try {
        return Bpe(Reader(json, path).table());
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

static Tokenizer from_file_json(const Json& json, const std::string& path) {
    const Json& model = member(json, "model");
    if (!model.is_object()) throw FileError(path, "\"model\" is missing or not an object");
    const bool has_merges = model.contains("merges");  // old files do not name the type
    const std::string type = type_of(model).empty() && has_merges ? "BPE" : type_of(model);
    if (type == "BPE" && is_byte_level(json)) return Tokenizer::bpe(byte_level_bpe(json, path));
    if (type == "BPE") return held(sentencepiece_from_json(json, path), "sentencepiece");
    if (type == "Unigram") return held(unigram_from_json(json, path), "unigram");
    if (type == "WordLevel") return characters_from(json, path);
    if (type == "WordPiece") return held(wordpiece_from_json(json, path), "wordpiece");
    throw FileError(
        path,
        fmt::format("model.type {} is not supported (known: BPE, Unigram, WordPiece, WordLevel)",
                    in_quotes(type)));
}

Tokenizer tokenizer_from_file_json(const nlohmann::json& json, const std::string& path) {
    try {
        return from_file_json(json, path);
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

}  // namespace gradus
