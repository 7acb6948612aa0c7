// SPDX-License-Identifier: MIT
#include "nn/train/evaluate.h"

#include <algorithm>
#include <cmath>

#include "nn/loss.h"
#include "nn/progress.h"
#include "tensor/cross_entropy.h"

namespace gradus {
namespace {

// Mean and standard error of the losses of independent examples.
Evaluation of_examples(const std::vector<double>& losses) {
    require(!losses.empty(), "evaluate: no examples");
    const auto n = static_cast<double>(losses.size());
    double mean = 0, squares = 0;
    for (const double loss : losses) mean += loss / n;
    for (const double loss : losses) squares += (loss - mean) * (loss - mean);
    return {.loss = mean,
            .tokens = static_cast<Index>(losses.size()),
            .standard_error = std::sqrt(squares) / n};
}

}  // namespace

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
        Progress::report(static_cast<double>(&batch - batches.data() + 1) /
                         static_cast<double>(batches.size()));
    }
    double loss = 0, tokens = 0, squares = 0;
    for (const Row& row : rows) loss += row.loss, tokens += row.tokens;
    require(tokens > 0, "evaluate: no tokens to predict in {} batches", batches.size());
    const double mean = loss / tokens;
    // Rows differ in length, so the error is that of a ratio of sums (Cochran 1977, section 6.4).
    for (const Row& row : rows)
        squares += (row.loss - mean * row.tokens) * (row.loss - mean * row.tokens);
    return {.loss = mean,
            .tokens = static_cast<Index>(tokens),
            .standard_error = std::sqrt(squares) / tokens};
}

Evaluation evaluate_classes(const Tensor& logits, const Tokens& labels) {
    const Tensor losses = cross_entropy_forward(logits, labels).losses;
    std::vector<double> list;
    for (Index i = 0; i < losses.count(); ++i)
        if (labels.id[static_cast<std::size_t>(i)] >= 0) list.push_back(double(losses[i]));
    Evaluation e = of_examples(list);
    e.accuracy = accuracy(logits, labels);
    return e;
}

Evaluation evaluate_binary(const Tensor& logits, const Tensor& labels) {
    require(logits.shape() == labels.shape(), "evaluate: logits {} and labels {} differ",
            logits.shape(), labels.shape());
    std::vector<double> list;
    double right = 0;
    for (Index i = 0; i < logits.count(); ++i) {
        const double x = double(logits[i]), t = double(labels[i]);
        list.push_back(std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x))));
        right += (x > 0) == (t > 0.5);
    }
    Evaluation e = of_examples(list);
    e.accuracy = right / static_cast<double>(list.size());
    return e;
}

}  // namespace gradus
