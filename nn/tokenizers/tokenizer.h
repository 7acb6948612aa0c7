// SPDX-License-Identifier: MIT
// Maps text to token ids and back; an id is a row of the embedding and a column of the logits. Tokens
// are the characters of the training text, the 256 byte values, or these and merges of them (bpe.h).
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/tokenizers/bpe.h"
#include "tensor/real.h"

namespace gradus {

// A TokenModel that never changes, so copies share it. Whatever throws std::invalid_argument does so
// for what its model refuses: characters that are not in the vocabulary, or ids outside 0..size()-1.
class Tokenizer {
 public:
    enum class Kind { characters, bytes, bpe, other };  // other: of any other class

    Tokenizer() : Tokenizer(bytes()) {}  // byte tokens can encode any text
    // The distinct code points of `text`, in increasing order. Throws if it is empty or not UTF-8.
    static Tokenizer characters(std::string_view text);
    static Tokenizer bytes();  // token i is byte i
    static Tokenizer bpe(Bpe bpe);
    // Any other model, with the name of its kind.
    Tokenizer(std::shared_ptr<const TokenModel> model, std::string kind_name);

    Kind kind() const { return kind_; }
    const std::string& kind_name() const { return name_; }  // "characters", "bytes", "bpe", ...
    std::string unit() const;  // what a token is: "character", "byte" or "token"
    const TokenModel& model() const { return *model_; }
    const Bpe* bpe() const;  // null unless it is of that kind
    int size() const { return model_->size(); }
    const std::string& token(int id) const { return model_->token(id); }  // its bytes

    std::vector<int> encode(std::string_view text) const;  // never special tokens
    // For user input: skips characters not in the vocabulary, and returns their number.
    std::vector<int> encode_known(std::string_view text, Index& skipped) const;
    std::vector<int> encode_with_specials(std::string_view text) const;  // names become their ids
    // Character tokens always give UTF-8; others need not, so print them through a Utf8Stream.
    std::string decode(const std::vector<int>& ids) const { return model_->decode(ids); }
    // For whoever generates text: the special tokens before its beginning and after its end.
    std::optional<int> bos() const { return bos_; }
    std::optional<int> eos() const { return eos_; }
    void set_bos_eos(std::optional<int> bos, std::optional<int> eos);

    // {"kind": "characters", "characters": "\n !abc"}, {"kind": "bytes"}, or {"kind": "bpe", "split":
    // "words", "merges": [[104, 101], ...]}, with "bytes" if they have another order, "specials",
    // "bos" and "eos". Throws for what has no such form: other kinds, and BPE with ids of its own.
    nlohmann::json to_json() const;
    static Tokenizer from_json(const nlohmann::json& json);  // throws, naming the fault

    friend bool operator==(const Tokenizer& a, const Tokenizer& b);  // the same kind and tokens

 private:
    Tokenizer(Kind kind, std::shared_ptr<const TokenModel> model, std::string name);
    Kind kind_;
    std::shared_ptr<const TokenModel> model_;
    std::string name_;
    std::optional<int> bos_, eos_;
};

}  // namespace gradus
