// SPDX-License-Identifier: MIT
// The loss of a model on held-out data.
#pragma once

#include <limits>
#include <vector>

#include "nn/data/batch.h"
#include "nn/models/language_model.h"

namespace gradus {

struct Evaluation {
    double loss = 0;            // mean over all predictions, nats per token; exp(loss): perplexity
    Index tokens = 0;           // number of predictions
    Index bytes = 0;            // of text that those tokens stand for; 0: not known
    double standard_error = 0;  // of the loss, from the spread between rows; infinite: unknown
    // The fraction of predictions in which the likeliest class is the target; NaN: not measured.
    double accuracy = std::numeric_limits<double>::quiet_NaN();
};

// For a language model, over all tokens in the batches. No graph is recorded and dropout is off.
// Sums are taken in double and in a fixed order. The standard error comes from the spread between
// rows (documents or windows).
Evaluation evaluate(const LanguageModel& model, const std::vector<Batch>& batches);

// For a classifier: cross-entropy and accuracy. logits: (N, classes), labels: N; rows with a
// negative label are ignored.
Evaluation evaluate_classes(const Tensor& logits, const Tokens& labels);

// For a binary classifier with one logit. logits: (N, 1) or (N), labels: the same shape, 0 or 1.
Evaluation evaluate_binary(const Tensor& logits, const Tensor& labels);

}  // namespace gradus
