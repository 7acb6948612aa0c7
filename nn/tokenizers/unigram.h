// SPDX-License-Identifier: MIT
// The unigram language model of SentencePiece (Kudo 2018, arXiv:1804.10959, section 3.2; its
// src/unigram_model.cc), which T5, ALBERT and XLM-R use: a piece's score is the logarithm of its
// probability, and a text is split into those pieces whose scores have the highest sum, found by
// Viterbi's algorithm. A character without a piece costs 10 more than the rarest piece.
#pragma once

#include <vector>

#include "nn/tokenizers/pieces.h"

namespace gradus {

class Unigram : public PieceModel {
 public:
    // Of two ways to split a text that are equally good, as "aa a" and "a aa", rounding decides. So the
    // sums are kept as the library does that has made the vocabulary: SentencePiece in single,
    // Hugging Face's tokenizers in double precision.
    enum class Sums { in_single, in_double };

    // Throws std::invalid_argument as PieceModel does.
    explicit Unigram(std::vector<Piece> pieces, PieceText text = {}, Sums sums = Sums::in_single);

 protected:
    // O(n * longest piece).
    std::vector<Part> split(std::string_view written) const override;

 private:
    double rounded(double sum) const;

    Sums sums_;
    Trie trie_;                   // of the pieces that can come out of text
    std::vector<double> scores_;  // what a piece adds to the sum
    double unknown_score_;
};

}  // namespace gradus
