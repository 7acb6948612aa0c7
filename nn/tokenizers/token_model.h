// SPDX-License-Identifier: MIT
// What a tokenizer of any type can do. Tokenizer (tokenizer.h) holds one of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// What a vocabulary may have: of a token that is looked for in text, and of all tokens together (GPT-2's
// have 320,000). The structures for finding them take a multiple of it.
inline constexpr std::size_t kMostTokenBytes = 512, kMostVocabularyBytes = 1 << 26;

class TokenModel {
 public:
    virtual ~TokenModel() = default;
    virtual int size() const = 0;
    // The bytes that a token stands for; a special token's name. Throws std::invalid_argument if
    // there is no such id.
    virtual const std::string& token(int id) const = 0;
    virtual bool is_special(int id) const = 0;
    // Appends the text's ids. Special tokens never come out of text, whatever it contains.
    virtual void encode(std::string_view text, std::vector<int>& ids) const = 0;
    // The text of these tokens; special tokens add none. It need not be UTF-8.
    virtual std::string decode(const std::vector<int>& ids) const = 0;
};

}  // namespace gradus
