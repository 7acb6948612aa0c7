// SPDX-License-Identifier: MIT
// A GPT with a KV cache (incremental decoding): for generating, where each text is the one before
// and one token more.
#pragma once

#include <vector>

#include "nn/models/gpt.h"

namespace gradus {

// Keys and values of every position are kept, so only new tokens go through the model. It is a
// LanguageModel like any other:
//
//     CachedGpt decoder(model);
//     generate(std::ref(decoder), prompt, options, random);
class CachedGpt {
 public:
    explicit CachedGpt(const Gpt& model)
        : model_(model) {}  // which must live longer, and not change

    // ids: (B, T), T <= context; returns the logits after the last position only, (B, 1, V), those
    // of the model to rounding. Where every row begins with a row of the call before (in the same
    // order; others may have ended) and has more, only what is new is computed; else all of it.
    Variable operator()(const Tokens& ids);

    Index computed() const { return computed_; }  // tokens that went through the model so far

 private:
    bool goes_on(const Tokens& ids);
    void drop_rows(const std::vector<Index>& kept);

    const Gpt& model_;
    Tokens read_;                  // (B, T), all of it in the caches
    std::vector<KvCache> caches_;  // one a block
    Index computed_ = 0;
};

}  // namespace gradus
