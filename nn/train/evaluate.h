// SPDX-License-Identifier: MIT
// The loss of a model on data it is not trained on.
#pragma once

#include <limits>
#include <vector>

#include "nn/data/batch.h"
#include "nn/models/language_model.h"

namespace gradus {

struct Evaluation {
    double loss = 0;            // mean over all predictions: nats per token. exp(loss) is
                                // the perplexity
    Index tokens = 0;           // how many were predicted
    double standard_error = 0;  // of the loss, from the spread between rows; infinite: not known
    // The share of predictions whose likeliest outcome is the right one; NaN: not measured.
    double accuracy = std::numeric_limits<double>::quiet_NaN();
};

// For a language model, over all tokens of the batches. No graph is recorded and dropout is off.
// Sums are in double and in order. The standard error comes from the spread between rows (documents
// or windows).
Evaluation evaluate(const LanguageModel& model, const std::vector<Batch>& batches);

// For a classifier: cross-entropy and accuracy. logits: (N, classes), labels: N; rows with a
// negative label are left out.
Evaluation evaluate_classes(const Tensor& logits, const Tokens& labels);

// For a binary classifier with one logit. logits: (N, 1) or (N), labels: the same shape, 0 or 1.
Evaluation evaluate_binary(const Tensor& logits, const Tensor& labels);

}  // namespace gradus
