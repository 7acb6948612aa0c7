// SPDX-License-Identifier: MIT
// Chooses the next token from a model's logits: temperature, then top-k (Fan, Lewis, Dauphin 2018,
// arXiv:1805.04833), then top-p or nucleus sampling (Holtzman, Buys, Du, Forbes, Choi 2020,
// arXiv:1904.09751, section 3.1), then one random draw.
#pragma once

#include <vector>

#include "tensor/random.h"
#include "tensor/real.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

struct SamplerOptions {
    // p = softmax(logits / temperature); 0: always the most likely token (greedy).
    Real temperature = 1;
    // Only the k most likely tokens; 0: all.
    int top_k = 0;
    // Only the smallest set of most likely tokens whose probabilities sum to >= top_p; 1: all.
    Real top_p = 1;
};

// Throws std::invalid_argument unless temperature is finite and >= 0, top_k >= 0, top_p in 0..1.
void require_valid(const SamplerOptions& options);

// The distribution that sample_token draws from: V probabilities that sum to 1, with 0 for tokens
// that the options rule out. Among equally likely tokens, the lower id ranks first; at least one
// token is always kept. top_p applies to the probabilities as renormalised after top_k, as in
// Hugging Face's transformers.
//   logits: (V), of any magnitude; -infinity means "impossible"
// Throws NotFiniteError if a logit is NaN or +infinity or if all are -infinity, and
// std::invalid_argument if V < 1.
std::vector<Real> token_probabilities(const Real* logits, Index V, const SamplerOptions& options);

// Samples one token id. Draws one uniform number from `random`, or none if temperature is 0.
int sample_token(const Real* logits, Index V, const SamplerOptions& options, Random& random);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
