// SPDX-License-Identifier: MIT
#include "nn/text/ngram.h"

#include <cmath>

#include "tensor/error.h"

namespace gradus {

NgramModel::NgramModel(int order, Index vocabulary, double add)
    : order_(order), vocabulary_(vocabulary), add_(add) {
    require(order >= 1 && order <= 8, "ngram: order {}, must be 1 to 8", order);
    require(vocabulary >= 1, "ngram: vocabulary {}, must be at least 1", vocabulary);
    require(std::pow(static_cast<double>(vocabulary), order) < 0x1p63,
            "ngram: {} tokens to the power of {} do not fit a 64-bit key", vocabulary, order);
    require(add >= 0, "ngram: add {}, must not be negative", add);
}

std::uint64_t NgramModel::key(const int* first, int n) const {
    std::uint64_t k = 0;
    for (int i = 0; i < n; ++i) {
        require(first[i] >= 0 && first[i] < vocabulary_,
                "ngram: token {} is outside the vocabulary of {}", first[i], vocabulary_);
        k = k * static_cast<std::uint64_t>(vocabulary_) + static_cast<std::uint64_t>(first[i]);
    }
    return k;
}

void NgramModel::count(const std::vector<int>& text) {
    for (std::size_t i = 0; i + static_cast<std::size_t>(order_) <= text.size(); ++i) {
        sequences_[key(text.data() + i, order_)] += 1;
        contexts_[key(text.data() + i, order_ - 1)] += 1;
    }
}

double NgramModel::probability(const int* sequence) const {
    const auto seen = sequences_.find(key(sequence, order_));
    const auto total = contexts_.find(key(sequence, order_ - 1));
    const double numerator = (seen == sequences_.end() ? 0 : seen->second) + add_;
    const double denominator =
        (total == contexts_.end() ? 0 : total->second) + add_ * static_cast<double>(vocabulary_);
    return denominator > 0 ? numerator / denominator : 0;
}

double NgramModel::probability(const std::vector<int>& context, int token) const {
    require(context.size() + 1 >= static_cast<std::size_t>(order_),
            "ngram: {} tokens of context, order {} needs {}", context.size(), order_, order_ - 1);
    std::vector<int> sequence(context.end() - (order_ - 1), context.end());
    sequence.push_back(token);
    return probability(sequence.data());
}

double NgramModel::loss(const std::vector<int>& text) const {
    const auto before = static_cast<std::size_t>(order_ - 1);
    require(text.size() > before, "ngram: of {} tokens of text, none has {} before it", text.size(),
            before);
    double sum = 0;
    for (std::size_t i = before; i < text.size(); ++i)
        sum -= std::log(probability(text.data() + i - before));
    return sum / static_cast<double>(text.size() - before);
}

}  // namespace gradus
