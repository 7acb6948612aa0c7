// SPDX-License-Identifier: MIT
// Two small formats of vocabularies: BERT's vocab.txt, a token per line, whose number from 0 is its id;
// and llama2.c's tokenizer.bin (its export.py and run.c), a SentencePiece model without its types.
#pragma once

#include <string>

#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/wordpiece.h"

namespace gradus {

// The file does not say how a text is prepared; BERT's "uncased" models need the usual options, the
// "cased" ones no lowercase and no strip_accents. Throws FileError, with the line, if it is not UTF-8,
// has more than 256 MiB, or cannot be a vocabulary.
WordPiece load_vocab_txt(const std::string& path, const WordPieceOptions& options = {});

// 32-bit little-endian: the length of the longest token; then for each token its score, its length
// and its bytes. How many tokens there are, only the model's own file says. Token 0 is taken for the
// unknown one, 1 and 2 for BOS and EOS, and "<0x41>" for a byte, as in every file of export.py. Throws
// FileError, with the offset, unless the file has just so many tokens.
SentencePiece load_tokenizer_bin(const std::string& path, int tokens);

}  // namespace gradus
