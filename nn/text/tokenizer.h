// SPDX-License-Identifier: MIT
// Maps text to token ids and back: what the rows of an embedding and the columns of the logits
// stand for. Two kinds: the characters that occur in a text, or the 256 bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tensor/real.h"

namespace gradus {

class Tokenizer {
 public:
    enum class Kind { characters, bytes };

    Tokenizer() : Tokenizer(bytes()) {}  // the bytes, which can encode any text

    // The distinct code points of `text`, in increasing order: the same text always gives the same
    // ids. Throws std::invalid_argument if it is empty or, with the position, if it is not UTF-8.
    static Tokenizer characters(std::string_view text);
    static Tokenizer bytes();  // token i is the byte i

    Kind kind() const { return kind_; }
    std::string kind_name() const;  // "characters" or "bytes"
    int size() const { return static_cast<int>(tokens_.size()); }

    // The bytes that a token stands for: one character in UTF-8, or one byte. Throws if there is no
    // such id.
    const std::string& token(int id) const;

    // One id per character (or byte). Throws std::invalid_argument for the first character that is
    // not in the vocabulary or not UTF-8, naming it with its line and column.
    std::vector<int> encode(std::string_view text) const;

    // The same for typed input: characters not in the vocabulary are left out and counted.
    std::vector<int> encode_known(std::string_view text, Index& skipped) const;

    // The tokens, concatenated. Always UTF-8 for characters; bytes come back as they are, so print
    // those through a Utf8Stream. Throws if an id is outside 0..size()-1.
    std::string decode(const std::vector<int>& ids) const;

    // {"kind": "characters", "characters": "\n !abc"} or {"kind": "bytes"}.
    nlohmann::json to_json() const;
    // Throws std::invalid_argument, naming the rule, for anything to_json() cannot write.
    static Tokenizer from_json(const nlohmann::json& json);

    friend bool operator==(const Tokenizer& a, const Tokenizer& b);

 private:
    Tokenizer(Kind kind, std::u32string characters);
    int find(char32_t code_point) const;  // -1: not in the vocabulary

    Kind kind_;
    std::u32string characters_;        // increasing; empty for bytes
    std::vector<std::string> tokens_;  // by id
};

}  // namespace gradus
