// SPDX-License-Identifier: MIT
// Text from a language model, one token at a time.
#pragma once

#include <functional>
#include <vector>

#include "nn/generate/sampler.h"
#include "nn/models/language_model.h"

namespace gradus {

// The model may be any function of tokens (B, T), and of what it returns only the logits after the
// last position count: (B, T, V), or (B, 1, V) from one that computes no others, like a CachedGpt
// (nn/generate/kv_cache.h), which keeps what it has read in a KV cache.
//
// A text that outgrows the context is shown from the middle of what was seen on, then grows again.
// Shifted by one token at a time every position would hold another token each time, and all that a
// CachedGpt remembers would be worthless; this way a token is computed about twice, at every
// length.
struct GenerateOptions {
    Index context = 128;         // the model sees at most this many of the last tokens
    Index tokens = 200;          // at most this many new ones
    std::vector<int> stop = {};  // a token in this list ends the text; it is the last one returned
    SamplerOptions sampler = {};
};

// Continues `prompt` (at least one token) and returns the new tokens only. `on_token`, if given,
// sees each as it comes and may end the text by returning false.
std::vector<int> generate(const LanguageModel& model, const std::vector<int>& prompt,
                          const GenerateOptions& options, Random& random,
                          const std::function<bool(int token)>& on_token = nullptr);

// `count` continuations of the same prompt side by side, text i drawn from Random(seed,
// Stream::sampling, i): many times faster than one after the other. Prompt and new tokens must fit
// into the context, the last of them excepted.
std::vector<std::vector<int>> generate_many(const LanguageModel& model,
                                            const std::vector<int>& prompt, Index count,
                                            const GenerateOptions& options, std::uint64_t seed);

}  // namespace gradus
