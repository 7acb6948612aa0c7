// SPDX-License-Identifier: MIT
// Maps text to token ids and back; an id is a row of the embedding and a column of the logits. Tokens
// are the characters of the training text, the 256 byte values, or these and merges of them (bpe.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "nn/text/bpe.h"
#include "tensor/real.h"

namespace gradus {

class Tokenizer {
 public:
    enum class Kind { characters, bytes, bpe };

    Tokenizer() : Tokenizer(bytes()) {}  // byte tokens can encode any text

    // The distinct code points of `text`, in increasing order. Throws std::invalid_argument if it is
    // empty or not UTF-8, giving the position.
    static Tokenizer characters(std::string_view text);
    static Tokenizer bytes();  // token i is byte i
    static Tokenizer bpe(Bpe bpe);

    Kind kind() const { return kind_; }
    std::string kind_name() const;  // "characters", "bytes" or "bpe"
    std::string unit() const;       // what a token is: "character", "byte" or "token"
    const Bpe* bpe() const { return bpe_.get(); }  // null unless it is of that kind
    int size() const { return bpe_ ? bpe_->size() : static_cast<int>(tokens_.size()); }

    // A token's bytes: one character in UTF-8, or any. Throws if there is no such id.
    const std::string& token(int id) const;
    // Throws std::invalid_argument, giving line and column, if tokens are characters and the text is
    // not UTF-8 or has one that is not in the vocabulary.
    std::vector<int> encode(std::string_view text) const;

    // For user input: skips characters not in the vocabulary, and returns their number.
    std::vector<int> encode_known(std::string_view text, Index& skipped) const;

    // The tokens, concatenated. Character tokens always give UTF-8; the others need not, so print
    // them through a Utf8Stream. Throws if an id is outside 0..size()-1.
    std::string decode(const std::vector<int>& ids) const;

    // {"kind": "characters", "characters": "\n !abc"}, {"kind": "bytes"}, or {"kind": "bpe", "split":
    // "words", "merges": [[104, 101], ...]}, with "bytes" if they have another order, and "specials".
    nlohmann::json to_json() const;
    // Throws std::invalid_argument, naming the fault, for anything that to_json() cannot write.
    static Tokenizer from_json(const nlohmann::json& json);

    friend bool operator==(const Tokenizer& a, const Tokenizer& b);

 private:
    Tokenizer(Kind kind, std::u32string characters);
    int find(char32_t code_point) const;  // -1: not in the vocabulary

    Kind kind_;
    std::u32string characters_;        // ascending; empty for bytes
    std::vector<std::string> tokens_;  // by id; empty for BPE, which has its own
    std::shared_ptr<const Bpe> bpe_;   // never changes, so copies share it
};

}  // namespace gradus
