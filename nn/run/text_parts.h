// SPDX-License-Identifier: MIT
// What a text run may take from elsewhere in place of the library's own: a model on the same
// parameters, its way of writing, the loss. What is empty is the library's.
#pragma once

#include <functional>
#include <vector>

#include "nn/data/batch.h"
#include "nn/generate/generate.h"
#include "nn/models/language_model.h"

namespace gradus {

struct TextParts {
    // Logits (B, T, V) of ids (B, T), recorded for training.
    LanguageModel model;
    // The same for generation, where each call continues the one before (nn/generate/kv_cache.h).
    std::function<LanguageModel()> writer;
    std::function<Variable(const LanguageModel& model, const Batch& batch)> loss;
    // As generate() in nn/generate/generate.h.
    std::function<std::vector<int>(const LanguageModel& model, const std::vector<int>& prompt,
                                   const GenerateOptions& options, Random& random,
                                   const std::function<bool(int token)>& on_token)>
        generate;
};

}  // namespace gradus
