// SPDX-License-Identifier: MIT
// The two simplest tokenizers: a token is a character of the training text, or a byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/tokenizers/token_model.h"
#include "tensor/real.h"

namespace gradus {

class CharacterTokens : public TokenModel {
 public:
    // In increasing order.
    explicit CharacterTokens(std::u32string characters);

    int size() const override { return static_cast<int>(tokens_.size()); }
    const std::string& token(int id) const override;
    bool is_special(int) const override { return false; }
    // Throws std::invalid_argument, giving line and column, if the text is not UTF-8 or has a
    // character that is not in the vocabulary.
    void encode(std::string_view text, std::vector<int>& ids) const override;
    // The same, but skips such characters, and returns their number.
    Index encode_known(std::string_view text, std::vector<int>& ids) const;
    std::string decode(const std::vector<int>& ids) const override;

 private:
    int find(char32_t code_point) const;  // -1: not in the vocabulary

    std::u32string characters_;
    std::vector<std::string> tokens_;  // by id
};

// Token i is byte i.
class ByteTokens : public TokenModel {
 public:
    ByteTokens();
    int size() const override { return 256; }
    const std::string& token(int id) const override;
    bool is_special(int) const override { return false; }
    void encode(std::string_view text, std::vector<int>& ids) const override;
    std::string decode(const std::vector<int>& ids) const override;

 private:
    std::vector<std::string> tokens_;
};

}  // namespace gradus
