// SPDX-License-Identifier: MIT
// Text from a language model, one token at a time.
#pragma once

#include <functional>
#include <vector>

#include "nn/generate/sampler.h"
#include "nn/models/language_model.h"

namespace gradus {

// The model may be any function of tokens (B, T). Only the logits after the last position are used,
// so it may return (B, T, V) or just (B, 1, V), as a CachedGpt does (nn/generate/kv_cache.h), which
// keeps what it has read in a KV cache.
//
// When a text outgrows the context, the model goes back to seeing only the last context / 2 tokens,
// and from there the window grows again. If the window slid by one token at a time, every token
// would change its position at every step, and all that a CachedGpt remembers would be worthless;
// this way each token is computed about twice, however long the text.
struct GenerateOptions {
    Index context = 128;         // the model sees at most this many of the last tokens
    Index tokens = 200;          // at most this many new ones
    std::vector<int> stop = {};  // a token in this list ends the text; it is the last one returned
    SamplerOptions sampler = {};
};

// Continues `prompt` (at least one token) and returns the new tokens only. `on_token`, if given,
// gets each one as it comes and may end the text by returning false.
std::vector<int> generate(const LanguageModel& model, const std::vector<int>& prompt,
                          const GenerateOptions& options, Random& random,
                          const std::function<bool(int token)>& on_token = nullptr);

// `count` continuations of the same prompt, generated side by side: many times faster than one
// after another. Text i is drawn from Random(seed, Stream::sampling, i). A text also ends when it
// reaches context + 1 tokens, prompt included.
std::vector<std::vector<int>> generate_many(const LanguageModel& model,
                                            const std::vector<int>& prompt, Index count,
                                            const GenerateOptions& options, std::uint64_t seed);

}  // namespace gradus
