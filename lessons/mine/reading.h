// SPDX-License-Identifier: MIT
// Reading and writing by the learner's lessons 23 and 24, as the library's generation wants it.
#pragma once

#include <functional>
#include <vector>

#include "lessons/24-cache/yours.h"
#include "nn/generate/generate.h"

namespace gradus::lessons {

// A model that reads each row of ids with caches of its own. A row that continues one of the call
// before goes on with that one's caches.
class Reading {
 public:
    Reading(const GptWeights& gpt, Index V) : gpt_(gpt), V_(V) {}
    Variable operator()(const Tokens& ids);  // (B, T) -> the scores after the last: (B, 1, V)

 private:
    struct Row {
        std::vector<int> ids;
        std::vector<Cache> caches;
    };

    GptWeights gpt_;
    Index V_;
    std::vector<Row> before_;
};

// generate() of the library by the learner's loop. As there, a text that outgrows the context is read
// on from its last half.
std::vector<int> write_as_learner(const LanguageModel& model, const std::vector<int>& prompt,
                                  const GenerateOptions& options, Random& random,
                                  const std::function<bool(int token)>& on_token);

}  // namespace gradus::lessons
