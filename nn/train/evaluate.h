// SPDX-License-Identifier: MIT
// The loss of a model on data it is not trained on.
#pragma once

#include <limits>
#include <vector>

#include "nn/data/batch.h"
#include "nn/models/language_model.h"

namespace gradus {

struct Evaluation {
    double loss = 0;            // over all that is predicted together: nats per token. exp(loss) is
                                // the perplexity
    Index tokens = 0;           // how many were predicted
    double standard_error = 0;  // of the loss, from the spread between rows; infinite: not known
    // The share of predictions whose likeliest outcome is the right one; NaN: not measured.
    double accuracy = std::numeric_limits<double>::quiet_NaN();
};

// Of a language model, over all tokens of the batches. No graph is recorded and dropout is off.
// Sums are kept in double and in order. The standard error is from the spread between rows
// (documents or windows).
Evaluation evaluate(const LanguageModel& model, const std::vector<Batch>& batches);

// Of a classifier: cross-entropy and accuracy. logits: (N, classes), labels: N; a negative label is
// left out.
Evaluation evaluate_classes(const Tensor& logits, const Tokens& labels);

// Of a classifier of two classes by one logit: logits: (N, 1) or (N), labels of that shape, 0 or 1.
Evaluation evaluate_binary(const Tensor& logits, const Tensor& labels);

}  // namespace gradus
