// SPDX-License-Identifier: MIT
// Lesson 13: a neural language model. The text is lessons/13-embedding/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 13
#pragma once

#include "lessons/13-embedding/given.h"

namespace mine {

// Row i of y = row id[i] of the table.   table: (V, C), y: (n, C), id: n numbers from 0 to V - 1.
// Element c of row r lies at table[r * C + c]. y is overwritten.
inline void embedding_forward(Real* y, const Real* table, const int* id, Index n, Index C) {
    unfinished("embedding_forward");  // TODO
}

// Row id[i] of dtable (V, C) += row i of dy (n, C). A number that occurs several times among the id
// gets the sum; a row that is not asked for stays as it is.
inline void embedding_backward(Real* dtable, const Real* dy, const int* id, Index n, Index C,
                               Index V) {
    unfinished("embedding_backward");  // TODO
}

// The same for a graph: table (V, C), ids (N, K) -> (N, K, C), with a gradient for the table.
inline Variable embedding(const Variable& table, const Tokens& ids) {
    unfinished("embedding");  // TODO: a tensor, your embedding_forward, record
}

// Row b of inputs: the T tokens of text from starts[b] on. Row b of targets: for each of them the
// token that follows it in the text. Both are (B, T), B the number of starts.
inline Examples batch(const std::vector<int>& text, const std::vector<Index>& starts, Index T) {
    unfinished("batch");  // TODO
}

// For each token of ids (B, T) a row of K tokens: the last K of its row of ids up to and including
// itself, oldest first; 0 for those before the beginning.   (B, T) -> (B T, K)
inline Tokens contexts(const Tokens& ids, Index K) {
    unfinished("contexts");  // TODO
}

// For each token of ids (B, T) the scores of every token to follow it: its context's rows of the
// table side by side -> model.hidden -> tanh -> model.scores.   (B, T) -> (B T, V)
inline Variable forward(const LetterModel& model, const Tokens& ids) {
    unfinished("forward");  // TODO
}

}  // namespace mine
