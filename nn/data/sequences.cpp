// SPDX-License-Identifier: MIT
#include "nn/data/sequences.h"

#include <cmath>
#include <numeric>

namespace gradus {
namespace {

void require_rows(const char* task, Index first, Index B) {
    require(first >= 0 && B >= 1, "{}: {} rows from row {} on, must be at least 1 from row 0 on",
            task, B, first);
}

int one_of(Random& random, Index n) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(n)));
}

// The numbers from `low` to low + n - 1 in a random order.
std::vector<int> shuffled(Random& random, int low, Index n) {
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), low);
    random.shuffle(all);
    return all;
}

// Calls write(random, inputs, targets) for each row, with pointers to its first tokens.
template <class Write>
void each_row(Batch& batch, std::uint64_t seed, Stream stream, Index first, Write write) {
    const Index B = batch.inputs.shape[0], T = batch.inputs.shape[1];
    for (Index b = 0; b < B; ++b) {
        Random random(seed, stream, static_cast<std::uint64_t>(first + b));
        write(random, batch.inputs.id.data() + b * T, batch.targets.id.data() + b * T);
    }
}

}  // namespace

double CopyTask::memoryless_loss() const {
    return static_cast<double>(kCopied) * std::log(static_cast<double>(kSymbols)) /
           static_cast<double>(length());
}

Batch CopyTask::batch(std::uint64_t seed, Stream stream, Index first, Index B) const {
    require(T >= 1, "copy task: T is {}, must be at least 1", T);
    require_rows("copy task", first, B);
    Batch batch = empty_batch(B, length(), kBlank);
    each_row(batch, seed, stream, first, [&](Random& random, int* inputs, int* targets) {
        std::fill_n(targets, T + kCopied, kBlank);
        for (Index i = 0; i < kCopied; ++i)
            inputs[i] = targets[T + kCopied + i] = one_of(random, kSymbols);
        inputs[T + kCopied - 1] = kSignal;
    });
    return batch;
}

double LatchTask::memoryless_loss() const {
    return std::log(static_cast<double>(kSymbols));
}

Batch LatchTask::batch(std::uint64_t seed, Stream stream, Index first, Index B) const {
    require(T >= 1, "latch: T is {}, must be at least 1", T);
    require_rows("latch", first, B);
    Batch batch = empty_batch(B, length());
    each_row(batch, seed, stream, first, [&](Random& random, int* inputs, int* targets) {
        inputs[0] = targets[T] = one_of(random, kSymbols);
        for (Index t = 1; t <= T; ++t)
            inputs[t] = static_cast<int>(kSymbols) + one_of(random, kNoise);
    });
    return batch;
}

double RecallTask::memoryless_loss() const {
    return std::log(static_cast<double>(V / 2));
}

double RecallTask::unpaired_loss() const {
    return std::log(static_cast<double>(pairs));
}

Batch RecallTask::batch(std::uint64_t seed, Stream stream, Index first, Index B) const {
    require(pairs >= 1 && V % 2 == 0 && V >= 2 * pairs,
            "associative recall: {} pairs from a vocabulary of {}, which must be even and have at "
            "least 2 tokens for each pair",
            pairs, V);
    require_rows("associative recall", first, B);
    Batch batch = empty_batch(B, length());
    each_row(batch, seed, stream, first, [&](Random& random, int* inputs, int* targets) {
        const auto keys = shuffled(random, 0, V / 2),
                   values = shuffled(random, static_cast<int>(V / 2), V / 2),
                   queries = shuffled(random, 0, pairs);
        for (Index p = 0; p < pairs; ++p) {
            inputs[2 * p] = keys[static_cast<std::size_t>(p)];
            inputs[2 * p + 1] = values[static_cast<std::size_t>(p)];
            const auto asked = static_cast<std::size_t>(queries[static_cast<std::size_t>(p)]);
            inputs[2 * pairs + p] = keys[asked];
            targets[2 * pairs + p] = values[asked];
        }
    });
    return batch;
}

}  // namespace gradus
