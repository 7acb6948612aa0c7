// SPDX-License-Identifier: MIT
// A language model with a KV cache (incremental decoding), for generation, where each call's input is
// the previous call's input plus one token.
#pragma once

#include <vector>

#include "nn/models/language_model.h"
#include "nn/models/text_model.h"

namespace gradus {

// Keeps the keys and values of every position, so that only new tokens go through the model. It is
// a LanguageModel like any other:
//
//     CachedGpt cached(model);
//     generate(std::ref(cached), prompt, options, random);
template <class Model>
class Cached {
 public:
    // The model must outlive this object, unchanged.
    explicit Cached(const Model& model, CacheFormat format = CacheFormat::f32)
        : model_(model), format_(format) {}

    // ids: (B, T), T <= context; returns the logits at the last position only, (B, 1, V), equal to
    // the model's own up to rounding, that of the cache's format included. If every row continues a row of the previous call (in the
    // same order; other rows may have ended), only the new tokens are computed; otherwise, all are.
    Variable operator()(const Tokens& ids);

    Index computed() const { return computed_; }  // tokens the model has processed so far

 private:
    bool goes_on(const Tokens& ids);
    void reserve(Index B, Index T);

    const Model& model_;
    CacheFormat format_;
    Tokens read_;                  // (B, T): the tokens in the caches
    std::vector<KvCache> caches_;  // one per block
    Index computed_ = 0;
};

using CachedGpt = Cached<Gpt>;
extern template class Cached<Gpt>;
extern template class Cached<Llama>;

// The same for a model of any architecture, which must outlive what is returned.
LanguageModel with_kv_cache(const TextModel& model, CacheFormat format = CacheFormat::f32);

// The logits at every position, (B, T, V), that the model arrives at when it reads all keys and values
// from a cache of this format: to measure what the rounding costs.
LanguageModel through_kv_cache(const TextModel& model, CacheFormat format);

// What a cache for one sequence of T positions takes.
Index kv_cache_bytes(const TextModel& model, Index T, CacheFormat format);

}  // namespace gradus
