// SPDX-License-Identifier: MIT
// WordPiece, BERT's tokenizer (Devlin et al. 2018, arXiv:1810.04805; tokenization.py in its code, and
// in corner cases Hugging Face's tokenizers): text is cleaned and split into words and punctuation
// marks, and each word into the longest pieces of the vocabulary, from left to right. A piece that
// continues a word is written "##ing".
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nn/tokenizers/token_model.h"
#include "nn/tokenizers/trie.h"

namespace gradus {

struct WordPieceOptions {
    // What happens to a text before it is split, in this order.
    bool clean = true;             // control characters are left out
    bool split_ideographs = true;  // each Chinese character is a word
    bool strip_accents = true;     // "é" becomes "e"
    bool lowercase = true;

    std::string unknown = "[UNK]";  // for a word that cannot be split into pieces
    std::string continuing = "##";
    int longest_word = 100;  // characters; a longer one is unknown
    // Never come out of text; those that are not in the vocabulary do not matter.
    std::vector<std::string> special = {"[PAD]", "[CLS]", "[SEP]", "[MASK]"};
};

class WordPiece : public TokenModel {
 public:
    // By id. Throws std::invalid_argument if a token is empty or there twice, or the unknown one is
    // missing.
    explicit WordPiece(std::vector<std::string> vocabulary, WordPieceOptions options = {});

    int size() const override { return static_cast<int>(vocabulary_.size()); }
    const std::string& token(int id) const override;  // without "##"
    // The unknown token comes out of text, so it is not special.
    bool is_special(int id) const override;
    void encode(std::string_view text, std::vector<int>& ids) const override;
    // Words with a space between them, but none before . ? ! , n't 'm 's 've 're (what Hugging Face
    // calls cleanup). The text of before, its capitals and its spaces, cannot be had back.
    std::string decode(const std::vector<int>& ids) const override;

    int id(std::string_view token) const;  // throws std::invalid_argument if there is none

 private:
    std::u32string prepared(std::string_view text) const;
    void encode_word(std::string_view word, std::vector<int>& ids) const;

    std::vector<std::string> vocabulary_, tokens_;  // by id: as written, and without "##"
    WordPieceOptions options_;
    std::unordered_map<std::string, int> ids_;
    std::vector<bool> special_;
    Trie beginning_, continuing_;  // the pieces that can begin and continue a word
    int unknown_;
};

}  // namespace gradus
