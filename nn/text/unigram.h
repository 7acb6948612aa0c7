// SPDX-License-Identifier: MIT
// The unigram language model of SentencePiece (Kudo 2018, arXiv:1804.10959, section 3.2; its
// src/unigram_model.cc), which T5, ALBERT and XLM-R use: a piece's score is the logarithm of its
// probability, and a text is split into those pieces whose scores have the highest sum, found by
// Viterbi's algorithm. A character that is no piece costs 10 more than the rarest piece.
#pragma once

#include <vector>

#include "nn/text/pieces.h"

namespace gradus {

class Unigram : public PieceModel {
 public:
    // Throws std::invalid_argument as PieceModel does.
    explicit Unigram(std::vector<Piece> pieces, PieceText text = {});

 protected:
    // O(n * longest piece). Sums are kept in single precision, as SentencePiece does: of two ways to
    // split a text that are equally good, rounding decides.
    std::vector<Part> split(std::string_view written) const override;

 private:
    Trie trie_;  // of the pieces that can come out of text
    float unknown_score_ = 0, best_score_ = 0;
};

}  // namespace gradus
