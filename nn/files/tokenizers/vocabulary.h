// SPDX-License-Identifier: MIT
// A vocabulary as JSON holds it, in vocab.json and inside tokenizer.json: an object of tokens and
// their ids.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace gradus {

inline constexpr int kMostTokenIds = 1 << 22;  // the largest vocabularies in use have 2^18

// The id that a value is: a whole number from 0 to kMostTokenIds - 1; nothing if it is not.
std::optional<int> token_id(const nlohmann::json& value);

// Throws FileError if far more ids below `size` are missing than there are tokens: a small file must
// not make a large table.
void require_few_gaps(std::size_t tokens, std::size_t size, const std::string& path);

// The two tokens of an entry of "merges": of "a b" or ["a", "b"]; nothing for anything else.
std::optional<std::pair<std::string, std::string>> merged_tokens(const nlohmann::json& entry);

class VocabularyFile {
 public:
    // Throws FileError unless it is an object of different whole numbers from 0 to 4,194,303, or if
    // a token is empty.
    VocabularyFile(const nlohmann::json& json, const std::string& path);

    // One more than the largest id. Ids may be missing between others: each is a row of the
    // embedding, which a model may have and not use.
    std::size_t size() const { return size_; }
    const std::unordered_map<std::string, int>& ids() const { return ids_; }
    int find(const std::string& token) const {  // -1: there is none
        const auto found = ids_.find(token);
        return found == ids_.end() ? -1 : found->second;
    }

 private:
    std::unordered_map<std::string, int> ids_;
    std::size_t size_ = 0;
};

}  // namespace gradus
