// SPDX-License-Identifier: MIT
// Byte-pair encoding as in SentencePiece (Kudo and Richardson 2018, arXiv:1808.06226; its
// src/bpe_model.cc), which Llama 1 and 2 use: a text's characters are merged, again and again the two
// neighbours that form the piece of the best score, the leftmost ones if several are equal.
// llama2.c's own encoder differs in corner cases: it merges control and byte pieces too, if their names
// occur in the text, and knows no user-defined ones; to it, U+2581 in a text is not a space; and it
// encodes a malformed byte as that byte, not as U+FFFD.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nn/tokenizers/pieces.h"

namespace gradus {

class SentencePiece : public PieceModel {
 public:
    // If merges are given, two neighbours can be merged only if they are such a pair of ids, and an
    // earlier pair goes first; the scores do not matter. That is how a tokenizer.json says it. Throws
    // std::invalid_argument as PieceModel does, or if a pair does not form a piece or is there twice.
    using Pair = std::pair<int, int>;
    explicit SentencePiece(std::vector<Piece> pieces, PieceText text = {},
                           const std::optional<std::vector<Pair>>& merges = {});

    bool merges_by_pairs() const { return by_pairs_; }
    // The given merges; or, of scores, every way to make a piece of two others, those of the best
    // piece first. A text has the same tokens by either, unless two ways to make one piece overlap.
    std::vector<Pair> merges() const;

 protected:
    // O(n log n) for a text of n characters; words that repeat are split once if no piece goes on
    // beyond a space.
    std::vector<Part> split(std::string_view written) const override;

 private:
    struct Symbol;
    struct Merge {
        double score;
        int id;  // of the piece; kUnknown: these two do not merge
    };
    Merge merge_of(std::string_view both, int left, int right) const;
    void split_word(std::string_view word, std::vector<Part>& parts) const;

    bool by_pairs_;
    std::unordered_map<std::uint64_t, Merge> merges_;  // by their two ids
    std::size_t longest_ = 0;                          // bytes of a piece
};

}  // namespace gradus
