// SPDX-License-Identifier: MIT
#include "nn/text/tokenizer.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

namespace {

void require_utf8(std::string_view text) {
    const std::size_t bad = utf8_valid_prefix(text);
    if (bad < text.size())
        require(false, "tokenizer: text is {} (convert it, or use the byte tokenizer)",
                utf8_complaint(text, bad));
}

}  // namespace

Tokenizer::Tokenizer(Kind kind, std::u32string characters)
    : kind_(kind), characters_(std::move(characters)) {
    for (const char32_t c : characters_) tokens_.push_back(utf8_encode({&c, 1}));
    if (kind == Kind::bytes)
        for (int i = 0; i < 256; ++i) tokens_.push_back(std::string(1, static_cast<char>(i)));
}

Tokenizer Tokenizer::characters(std::string_view text) {
    require(!text.empty(), "tokenizer: the text is empty, so it has no characters to learn");
    require_utf8(text);
    CodePointSet distinct;
    distinct.add(text);
    return {Kind::characters, distinct.list()};
}

Tokenizer Tokenizer::bytes() {
    return {Kind::bytes, {}};
}

Tokenizer Tokenizer::bpe(Bpe bpe) {
    Tokenizer tokenizer(Kind::bpe, {});
    tokenizer.bpe_ = std::make_shared<const Bpe>(std::move(bpe));
    return tokenizer;
}

std::string Tokenizer::kind_name() const {
    return kind_ == Kind::characters ? "characters" : kind_ == Kind::bytes ? "bytes" : "bpe";
}

std::string Tokenizer::unit() const {
    return kind_ == Kind::characters ? "character" : kind_ == Kind::bytes ? "byte" : "token";
}

const std::string& Tokenizer::token(int id) const {
    require(id >= 0 && id < size(), "tokenizer: token {} is outside 0..{}", id, size() - 1);
    return bpe_ ? bpe_->token(id) : tokens_[static_cast<std::size_t>(id)];
}

int Tokenizer::find(char32_t c) const {
    const auto at = std::lower_bound(characters_.begin(), characters_.end(), c);
    return at != characters_.end() && *at == c ? static_cast<int>(at - characters_.begin()) : -1;
}

std::vector<int> Tokenizer::encode(std::string_view text) const {
    if (bpe_) return bpe_->encode(text);
    std::vector<int> ids;
    ids.reserve(text.size());
    if (kind_ == Kind::bytes) {
        for (const char byte : text) ids.push_back(static_cast<unsigned char>(byte));
        return ids;
    }
    require_utf8(text);
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        const int id = find(step.code_point);
        if (id < 0) {
            const TextPosition at = text_position(text, i);
            require(
                false,
                "tokenizer: {} at line {}, column {} is not one of the {} known characters (the "
                "text that the vocabulary was made from does not contain it)",
                code_point_name(step.code_point), at.line, at.column, size());
        }
        ids.push_back(id);
        i += static_cast<std::size_t>(step.bytes);
    }
    return ids;
}

std::vector<int> Tokenizer::encode_known(std::string_view text, Index& skipped) const {
    skipped = 0;
    if (kind_ != Kind::characters) return encode(text);
    std::vector<int> ids;
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        const int id = step.valid ? find(step.code_point) : -1;
        if (id >= 0)
            ids.push_back(id);
        else
            ++skipped;
        i += static_cast<std::size_t>(step.bytes);
    }
    return ids;
}

std::string Tokenizer::decode(const std::vector<int>& ids) const {
    if (bpe_) return bpe_->decode(ids);
    std::string text;
    for (const int id : ids) text += token(id);
    return text;
}

nlohmann::json Tokenizer::to_json() const {
    nlohmann::json json = {{"kind", kind_name()}};
    if (kind_ == Kind::characters) json["characters"] = utf8_encode(characters_);
    if (bpe_) {
        json["split"] = bpe_->split() == Bpe::Split::words ? "words" : "none";
        json["merges"] = bpe_->merges();
        if (!bpe_->specials().empty()) json["specials"] = bpe_->specials();
        std::vector<int> order;
        for (int id = 0; id < 256; ++id)
            order.push_back(static_cast<unsigned char>(bpe_->token(id)[0]));
        if (!std::is_sorted(order.begin(), order.end())) json["bytes"] = order;
    }
    return json;
}

namespace {

// The whole numbers of a list, each from 0 to `limit`.
std::vector<int> numbers(const nlohmann::json& list, const char* name, int limit) {
    require(list.is_array(), "tokenizer: \"{}\" is not a list of numbers", name);
    std::vector<int> all;
    for (const auto& value : list) {
        require(value.is_number_integer() && value >= 0 && value <= limit,
                "tokenizer: \"{}\": {} is not a whole number from 0 to {}", name,
                in_quotes(value.dump(-1, ' ', true)), limit);
        all.push_back(value.get<int>());
    }
    return all;
}

Bpe bpe_from_json(const nlohmann::json& json) {
    const nlohmann::json split = json.value("split", nlohmann::json());
    require(split == "words" || split == "none",
            "tokenizer: \"split\" is missing or neither \"words\" nor \"none\"");
    const nlohmann::json list = json.value("merges", nlohmann::json());
    require(list.is_array(), "tokenizer: \"merges\" is missing or not a list");
    std::vector<Bpe::Pair> merges;
    for (const auto& merge : list) {
        const std::vector<int> pair = numbers(merge, "merges", std::numeric_limits<int>::max());
        require(pair.size() == 2, "tokenizer: \"merges\" has an entry of {} numbers, must be 2",
                pair.size());
        merges.emplace_back(pair[0], pair[1]);
    }
    std::vector<std::string> specials;
    for (const auto& name : json.value("specials", nlohmann::json::array())) {
        require(name.is_string(), "tokenizer: \"specials\" has an entry that is not a string");
        specials.push_back(name);
    }
    std::vector<unsigned char> bytes;
    for (const int byte : numbers(json.value("bytes", nlohmann::json::array()), "bytes", 255))
        bytes.push_back(static_cast<unsigned char>(byte));
    return Bpe(std::move(merges), split == "words" ? Bpe::Split::words : Bpe::Split::none,
               std::move(specials), bytes);
}

}  // namespace

Tokenizer Tokenizer::from_json(const nlohmann::json& json) {
    require(json.is_object(), "tokenizer: needs an object, not {}", json.type_name());
    const auto kind = json.find("kind");
    require(kind != json.end() && kind->is_string(),
            "tokenizer: \"kind\" is missing or not a string");
    const auto& name = kind->get_ref<const std::string&>();
    if (name == "bytes") return bytes();
    if (name == "bpe") return bpe(bpe_from_json(json));
    require(name == "characters",
            "tokenizer: kind \"{}\" is unknown (known: characters, bytes, bpe)", name);

    const auto characters = json.find("characters");
    require(characters != json.end() && characters->is_string(),
            "tokenizer: \"characters\" is missing or not a string");
    const auto& text = characters->get_ref<const std::string&>();
    require(!text.empty(), "tokenizer: \"characters\" is empty");
    require_utf8(text);
    std::u32string list = utf8_decode(text);
    for (std::size_t i = 1; i < list.size(); ++i)
        require(list[i - 1] < list[i],
                "tokenizer: \"characters\" is not in increasing order: {} before {}",
                code_point_name(list[i - 1]), code_point_name(list[i]));
    return {Kind::characters, std::move(list)};
}

bool operator==(const Tokenizer& a, const Tokenizer& b) {
    return a.kind_ == b.kind_ && a.characters_ == b.characters_ &&
           (!a.bpe_ || a.bpe_ == b.bpe_ || *a.bpe_ == *b.bpe_);
}

}  // namespace gradus
