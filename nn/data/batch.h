// SPDX-License-Identifier: MIT
// Turns text into training batches for a language model: rows of tokens and, as the target at each
// position, the next token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/tokenizers/token_text.h"
#include "nn/tokenizers/tokenizer.h"
#include "tensor/random.h"
#include "tensor/tokens.h"

namespace gradus {

struct Batch {
    Tokens inputs;  // (B, T)
    // (B, T): targets[b, t] is the token after inputs[b, t]; -1: padding, ignored.
    Tokens targets;
};

Batch empty_batch(Index B, Index T, int token = 0);  // all inputs are `token`, all targets -1

// Whole documents, one per row, each preceded by `start` (the end-of-document token, so that every
// character of a document is predicted, including the first). T is the longest document's length,
// or `at_least` if that is greater, so that batches can reuse memory. Shorter rows are padded.
Batch document_batch(const std::vector<std::vector<int>>& documents, int start, Index at_least = 0);

// B windows at random positions in a text of more than T tokens, and the tokens one position later.
Batch random_windows(const std::vector<int>& text, Index B, Index T, Random& random);

// A long text split into training windows of T tokens; each window's targets are the tokens one
// position later. Every epoch starts at a new random offset and reshuffles the windows, so that
// nearly every token is seen once per epoch; windows at random positions would miss e^-1 = 37% of
// the tokens.
class ShuffledWindows {
 public:
    // Throws std::invalid_argument unless the text has at least 2 T tokens.
    ShuffledWindows(TokenText text, Index T, std::uint64_t seed);

    // Windows number * B to number * B + B - 1 of the endless sequence of epochs: the same
    // arguments always give the same batch.
    Batch batch(std::uint64_t number, Index B);
    std::vector<Index> starts(std::uint64_t number, Index B);  // where they begin in the text
    Index per_epoch() const { return per_epoch_; }

 private:
    void shuffle(std::uint64_t epoch);

    TokenText text_;
    Index T_, per_epoch_;
    std::uint64_t seed_;
    std::uint64_t epoch_ = 0;  // the epoch that offset_ and order_ belong to
    Index offset_ = 0;
    std::vector<Index> order_;  // empty before the first batch
};

// A long text as consecutive windows of T tokens (without a shorter remainder), B per batch. every = k
// takes only every k-th of them, a smaller sample of the same text.
std::vector<Batch> consecutive_windows(const TokenText& text, Index B, Index T, Index every = 1);

}  // namespace gradus
