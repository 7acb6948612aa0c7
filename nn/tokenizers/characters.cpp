// SPDX-License-Identifier: MIT
#include "nn/tokenizers/characters.h"

#include <algorithm>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

const std::string& token_of(const std::vector<std::string>& tokens, int id) {
    require(id >= 0 && id < static_cast<int>(tokens.size()), "tokenizer: token {} is outside 0..{}",
            id, static_cast<int>(tokens.size()) - 1);
    return tokens[static_cast<std::size_t>(id)];
}

std::string joined(const TokenModel& model, const std::vector<int>& ids) {
    std::string text;
    for (const int id : ids) text += model.token(id);
    return text;
}

}  // namespace

CharacterTokens::CharacterTokens(std::u32string characters) : characters_(std::move(characters)) {
    for (const char32_t c : characters_) tokens_.push_back(utf8_encode({&c, 1}));
}

const std::string& CharacterTokens::token(int id) const {
    return token_of(tokens_, id);
}

int CharacterTokens::find(char32_t c) const {
    const auto at = std::lower_bound(characters_.begin(), characters_.end(), c);
    return at != characters_.end() && *at == c ? static_cast<int>(at - characters_.begin()) : -1;
}

void CharacterTokens::encode(std::string_view text, std::vector<int>& ids) const {
    const std::size_t bad = utf8_valid_prefix(text);
    if (bad < text.size())
        require(false, "tokenizer: text is {} (convert it, or use the byte tokenizer)",
                utf8_complaint(text, bad));
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
}

Index CharacterTokens::encode_known(std::string_view text, std::vector<int>& ids) const {
    Index skipped = 0;
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        const int id = step.valid ? find(step.code_point) : -1;
        if (id >= 0)
            ids.push_back(id);
        else
            ++skipped;
        i += static_cast<std::size_t>(step.bytes);
    }
    return skipped;
}

std::string CharacterTokens::decode(const std::vector<int>& ids) const {
    return joined(*this, ids);
}

ByteTokens::ByteTokens() {
    for (int i = 0; i < 256; ++i) tokens_.emplace_back(1, static_cast<char>(i));
}

const std::string& ByteTokens::token(int id) const {
    return token_of(tokens_, id);
}

void ByteTokens::encode(std::string_view text, std::vector<int>& ids) const {
    for (const char byte : text) ids.push_back(static_cast<unsigned char>(byte));
}

std::string ByteTokens::decode(const std::vector<int>& ids) const {
    return joined(*this, ids);
}

}  // namespace gradus
