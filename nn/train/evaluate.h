// SPDX-License-Identifier: MIT
// The loss of a model on data it is not trained on.
#pragma once

#include <vector>

#include "nn/data/batch.h"
#include "nn/models/language_model.h"

namespace gradus {

struct Evaluation {
    double loss = 0;            // nats per predicted token, over all of them together
    Index tokens = 0;           // how many were predicted
    double standard_error = 0;  // of the loss, from the spread between rows (documents or windows)
};

// No graph is recorded and dropout is off. Sums are kept in double and in order.
Evaluation evaluate(const LanguageModel& model, const std::vector<Batch>& batches);

}  // namespace gradus
