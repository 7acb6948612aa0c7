// SPDX-License-Identifier: MIT
// Generates text with a language model, one token at a time.
#pragma once

#include <functional>
#include <vector>

#include "nn/generate/sampler.h"
#include "nn/models/language_model.h"

namespace gradus {

// The model may be any function of tokens (B, T). Only the logits at the last position are used, so
// it may return (B, T, V) or just (B, 1, V). The latter is what CachedGpt (nn/generate/kv_cache.h)
// returns, which keeps the keys and values of earlier tokens in a KV cache.
//
// When the text outgrows the context, the model's window shrinks to the last context / 2 tokens and
// grows again from there. If the window slid by one token at a time, every token's position would
// change at every step, which would invalidate the whole KV cache; this way, each token is computed
// about twice, however long the text becomes.
struct GenerateOptions {
    Index context = 128;         // the model sees at most this many of the last tokens
    Index tokens = 200;          // at most this many new tokens
    std::vector<int> stop = {};  // any of these tokens ends the text, and is the last one returned
    SamplerOptions sampler = {};
    Index vocabulary = 0;  // only tokens below it are drawn; 0: all that the model has
};

// Continues `prompt` (at least one token) and returns the new tokens only. `on_token`, if given,
// is called with each token as it is generated and may end the text by returning false.
std::vector<int> generate(const LanguageModel& model, const std::vector<int>& prompt,
                          const GenerateOptions& options, Random& random,
                          const std::function<bool(int token)>& on_token = nullptr);

// `count` continuations of the same prompt, generated as one batch: many times faster than one
// after another. Text i is drawn from Random(seed, Stream::sampling, i). A text also ends when it
// reaches context + 1 tokens, prompt included.
std::vector<std::vector<int>> generate_many(const LanguageModel& model,
                                            const std::vector<int>& prompt, Index count,
                                            const GenerateOptions& options, std::uint64_t seed);

}  // namespace gradus
