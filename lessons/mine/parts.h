// SPDX-License-Identifier: MIT
// A learner's parts in the place of the library's: those that are not in the table of operations, such as
// the model, its training and its way of writing.
#pragma once

#include "examples/gpt/commands.h"

namespace gradus::lessons {

// Of the lessons that the learner has passed. The model's parameters become those of their Gpt.
TextParts parts_of_learner(Gpt& model, std::uint64_t seed, bool loaded);

// Merges learnt from the beginning of the data by their lesson 15.
Tokenizer tokenizer_of_learner(const std::string& data, int merges);
std::vector<int> encode_as_learner(const Tokenizer& tokenizer, const std::string& text);

// Windows of a text as in their lesson 13; batches, learning rate and clipping of their lesson 22.
void train_as_learner(const TextRun& run, TextData& data, FitOptions& options);

}  // namespace gradus::lessons
