// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/vocabulary.h"

#include <nlohmann/json.hpp>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

std::optional<int> token_id(const nlohmann::json& value) {
    if (!value.is_number_integer() || value < 0 || value >= kMostTokenIds) return std::nullopt;
    return value.get<int>();
}

void require_few_gaps(std::size_t tokens, std::size_t size, const std::string& path) {
    if (size > 2 * tokens + 1024)
        throw FileError(
            path, fmt::format("{} tokens, but the largest id is {}: too many are missing", tokens,
                              size - 1));
}

std::optional<std::pair<std::string, std::string>> merged_tokens(const nlohmann::json& entry) {
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string())
        return std::pair(entry[0].get<std::string>(), entry[1].get<std::string>());
    if (!entry.is_string()) return std::nullopt;
    const auto& both = entry.get_ref<const std::string&>();
    const std::size_t space = both.find(' ');
    if (space == both.npos || both.find(' ', space + 1) != both.npos) return std::nullopt;
    return std::pair(both.substr(0, space), both.substr(space + 1));
}

VocabularyFile::VocabularyFile(const nlohmann::json& json, const std::string& path) {
    const auto refuse = [&](const std::string& what) { throw FileError(path, what); };
    if (!json.is_object())
        refuse(
            fmt::format("the vocabulary is {}, not an object of tokens and ids", json.type_name()));
    std::unordered_map<int, const std::string*> tokens;
    for (const auto& item : json.items()) {
        const std::string& token = item.key();
        const std::optional<int> id = token_id(item.value());
        if (!id)
            refuse(fmt::format(
                "token {} has the id {}, must be a whole number from 0 to {}", in_quotes(token),
                item.value().is_number() ? item.value().dump() : item.value().type_name(),
                kMostTokenIds - 1));
        if (token.empty()) refuse(fmt::format("the token with the id {} is empty", *id));
        const auto [at, is_new] = tokens.emplace(*id, &token);
        if (!is_new)
            refuse(fmt::format("tokens {} and {} have the same id {}", in_quotes(*at->second),
                               in_quotes(token), at->first));
        ids_.emplace(token, at->first);
        size_ = std::max(size_, static_cast<std::size_t>(at->first) + 1);
    }
    require_few_gaps(ids_.size(), size_, path);
}

}  // namespace gradus
