// SPDX-License-Identifier: MIT
#include "nn/data/batch.h"

#include <algorithm>
#include <numeric>

namespace gradus {
namespace {

// Writes the window of T tokens that begins at `at` as row b of a batch.
void write_window(Batch& batch, Index b, const TokenText& text, Index at, Index T) {
    text.copy(at, T, batch.inputs.id.data() + b * T);
    text.copy(at + 1, T, batch.targets.id.data() + b * T);
}

void require_window(Index tokens, Index T) {
    require(tokens > T,
            "data: {} tokens of text are too few for a context of {} (it needs at least {})",
            tokens, T, T + 1);
}

}  // namespace

Batch empty_batch(Index B, Index T, int token) {
    const auto count = static_cast<std::size_t>(B * T);
    return {Tokens({B, T}, std::vector<int>(count, token)),
            Tokens({B, T}, std::vector<int>(count, -1))};
}

Batch document_batch(const std::vector<std::vector<int>>& documents, int start, Index at_least) {
    std::size_t T = 0;
    for (const auto& document : documents) T = std::max(T, document.size());
    require(T > 0, "data: no document, or only empty ones, in a batch of {}", documents.size());
    T = std::max(T, static_cast<std::size_t>(at_least));
    Batch batch = empty_batch(static_cast<Index>(documents.size()), static_cast<Index>(T));
    for (std::size_t b = 0; b < documents.size(); ++b) {
        const auto& document = documents[b];
        if (document.empty()) continue;
        batch.inputs.id[b * T] = start;
        std::copy(document.begin(), document.end() - 1,
                  batch.inputs.id.begin() + static_cast<Index>(b * T + 1));
        std::copy(document.begin(), document.end(),
                  batch.targets.id.begin() + static_cast<Index>(b * T));
    }
    return batch;
}

Batch random_windows(const std::vector<int>& text, Index B, Index T, Random& random) {
    require_window(static_cast<Index>(text.size()), T);
    Batch batch = empty_batch(B, T);
    for (Index b = 0; b < B; ++b) {
        const auto places = static_cast<std::uint64_t>(text.size()) - static_cast<std::uint64_t>(T);
        const auto at = text.begin() + static_cast<Index>(random.below(places));
        std::copy_n(at, T, batch.inputs.id.begin() + b * T);
        std::copy_n(at + 1, T, batch.targets.id.begin() + b * T);
    }
    return batch;
}

ShuffledWindows::ShuffledWindows(TokenText text, Index T, std::uint64_t seed)
    : text_(std::move(text)), T_(T), per_epoch_((text_.size() - T) / T), seed_(seed) {
    require(T >= 1 && per_epoch_ >= 1,
            "data: {} tokens of text are too few for a context of {} (it needs at least {})",
            text_.size(), T, 2 * T);
}

void ShuffledWindows::shuffle(std::uint64_t epoch) {
    Random random(seed_, Stream::data, epoch);
    epoch_ = epoch;
    offset_ = static_cast<Index>(random.below(static_cast<std::uint64_t>(T_)));
    order_.resize(static_cast<std::size_t>(per_epoch_));
    std::iota(order_.begin(), order_.end(), Index{0});
    random.shuffle(order_);
}

std::vector<Index> ShuffledWindows::starts(std::uint64_t number, Index B) {
    std::vector<Index> list;
    for (Index b = 0; b < B; ++b) {
        const auto window = number * static_cast<std::uint64_t>(B) + static_cast<std::uint64_t>(b);
        const auto epoch = window / static_cast<std::uint64_t>(per_epoch_);
        if (order_.empty() || epoch != epoch_) shuffle(epoch);
        list.push_back(offset_ + order_[window % static_cast<std::uint64_t>(per_epoch_)] * T_);
    }
    return list;
}

Batch ShuffledWindows::batch(std::uint64_t number, Index B) {
    Batch batch = empty_batch(B, T_);
    const std::vector<Index> places = starts(number, B);
    for (Index b = 0; b < B; ++b)
        write_window(batch, b, text_, places[static_cast<std::size_t>(b)], T_);
    return batch;
}

std::vector<Batch> consecutive_windows(const TokenText& text, Index B, Index T, Index every) {
    require_window(text.size(), T);
    std::vector<Index> starts;
    for (Index at = 0; at + T < text.size(); at += T * every) starts.push_back(at);
    std::vector<Batch> batches;
    for (std::size_t first = 0; first < starts.size(); first += static_cast<std::size_t>(B)) {
        const auto rows = std::min(static_cast<std::size_t>(B), starts.size() - first);
        batches.push_back(empty_batch(static_cast<Index>(rows), T));
        for (std::size_t b = 0; b < rows; ++b)
            write_window(batches.back(), static_cast<Index>(b), text, starts[first + b], T);
    }
    return batches;
}

}  // namespace gradus
