// SPDX-License-Identifier: MIT
// A GPT with a KV cache (incremental decoding): for generating, where each call's text is that of
// the previous call plus one token.
#pragma once

#include <vector>

#include "nn/models/gpt.h"

namespace gradus {

// Keeps the keys and values of every position, so that only new tokens go through the model. It is
// a LanguageModel like any other:
//
//     CachedGpt decoder(model);
//     generate(std::ref(decoder), prompt, options, random);
class CachedGpt {
 public:
    explicit CachedGpt(const Gpt& model)
        : model_(model) {}  // the model must outlive this, and not change

    // ids: (B, T), T <= context; returns the logits after the last position only, (B, 1, V), equal
    // to the model's up to rounding. If every row continues a row of the previous call (in the same
    // order; other rows may have ended), only the new tokens are computed; otherwise all of them.
    Variable operator()(const Tokens& ids);

    Index computed() const { return computed_; }  // tokens that went through the model so far

 private:
    bool goes_on(const Tokens& ids);
    void drop_rows(const std::vector<Index>& kept);

    const Gpt& model_;
    Tokens read_;                  // (B, T), all of it in the caches
    std::vector<KvCache> caches_;  // one per block
    Index computed_ = 0;
};

}  // namespace gradus
