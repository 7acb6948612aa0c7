// SPDX-License-Identifier: MIT
#include "nn/train/evaluate.h"

#include <cmath>

#include "tensor/cross_entropy.h"

namespace gradus {

Evaluation evaluate(const LanguageModel& model, const std::vector<Batch>& batches) {
    const NoGrad guard;
    struct Row {
        double loss = 0, tokens = 0;
    };
    std::vector<Row> rows;
    for (const auto& batch : batches) {
        const Index B = batch.targets.shape[0], T = batch.targets.shape[1];
        const Tensor losses =
            cross_entropy_forward(model(batch.inputs).value(), batch.targets).losses;
        for (Index b = 0; b < B; ++b) {
            Row row;
            for (Index i = b * T; i < (b + 1) * T; ++i) {
                if (batch.targets.id[static_cast<std::size_t>(i)] < 0) continue;
                row.loss += static_cast<double>(losses[i]);
                row.tokens += 1;
            }
            rows.push_back(row);
        }
    }
    double loss = 0, tokens = 0, squares = 0;
    for (const Row& row : rows) loss += row.loss, tokens += row.tokens;
    require(tokens > 0, "evaluate: no token to predict in {} batches", batches.size());
    const double mean = loss / tokens;
    // Rows differ in length, so this is the error of a ratio of sums (Cochran 1977, section 6.4).
    for (const Row& row : rows)
        squares += (row.loss - mean * row.tokens) * (row.loss - mean * row.tokens);
    return {mean, static_cast<Index>(tokens), std::sqrt(squares) / tokens};
}

}  // namespace gradus
