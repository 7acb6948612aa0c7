// SPDX-License-Identifier: MIT
// For a text of any size, in pieces: learning a tokenizer from it, then encoding it. Both give what
// the whole text at once would give. A piece consists of whole characters.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nn/text/utf8.h"
#include "nn/tokenizers/pretokens.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

struct TokenizerChoice {
    Tokenizer::Kind kind = Tokenizer::Kind::characters;
    int merges = 0;  // of BPE, at most

    // From "characters", "bytes" or "bpe:2000". Throws std::invalid_argument for anything else.
    static TokenizerChoice of(std::string_view words);
    std::string words() const;
};

// Pieces must be UTF-8 if tokens are to be characters.
class TokenizerLearner {
 public:
    explicit TokenizerLearner(TokenizerChoice choice);
    TokenizerLearner(const TokenizerLearner&) = delete;
    TokenizerLearner& operator=(const TokenizerLearner&) = delete;
    void feed(std::string_view piece);
    // Throws std::invalid_argument if there were no characters to learn.
    Tokenizer finish();
    // Of the text, once finished.
    Index tokens() const { return tokens_; }

 private:
    TokenizerChoice choice_;
    CodePointSet characters_;
    Bpe::WordCounts words_;
    WordStream split_;
    Index tokens_ = 0;
};

class TokenStream {
 public:
    explicit TokenStream(const Tokenizer& tokenizer);
    TokenStream(const TokenStream&) = delete;
    TokenStream& operator=(const TokenStream&) = delete;
    // The ids that are certain so far.
    std::vector<int> feed(std::string_view piece);
    std::vector<int> finish();  // the last ids; then starts afresh

    // Words repeat, so their ids are remembered: so many at most, 7 MB, and then all are forgotten.
    // To remember all takes as long: 26 MB/s for 24 MB of source code, 25 for tiny Shakespeare
    // (GPT-2's merges, one core). Of words that do not repeat a small table loses less.
    static constexpr std::size_t kMostKnown = 1 << 14;
    std::size_t known() const { return known_.size(); }

 private:
    void encode(std::string_view word);

    const Tokenizer& tokenizer_;
    std::unordered_map<std::string, std::vector<int>> known_;
    std::vector<int> ids_;
    WordStream split_;
    std::string whole_;  // of a tokenizer that does not work word by word
};

}  // namespace gradus
