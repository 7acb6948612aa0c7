// SPDX-License-Identifier: MIT
// Count-based language models (Shannon 1951): the baselines that a neural model has to beat.
#pragma once

#include <unordered_map>
#include <vector>

#include "tensor/real.h"

namespace gradus {

// p(token | previous order - 1 tokens) from counts. add > 0 adds that much to every count
// (Laplace smoothing), so that no token has probability 0; add = 0 is the maximum-likelihood model.
class NgramModel {
 public:
    // Order 1 is the unigram model, order 2 the bigram model. Throws unless order is 1..8,
    // vocabulary >= 1 and add >= 0.
    NgramModel(int order, Index vocabulary, double add = 0);

    void count(const std::vector<int>& text);
    double probability(const std::vector<int>& context,
                       int token) const;  // context: at least order - 1 tokens
    // Mean of -log p over the tokens that have at least order - 1 others before them, in nats;
    // infinite if any of these tokens has probability 0.
    double loss(const std::vector<int>& text) const;

 private:
    double probability(const int* sequence) const;  // of the last of `order` tokens, given the rest
    std::uint64_t key(const int* first, int n) const;

    int order_;
    Index vocabulary_;
    double add_;
    std::unordered_map<std::uint64_t, double> sequences_, contexts_;
};

}  // namespace gradus
