// SPDX-License-Identifier: MIT
// How much memory a training run takes, and whether there is that much.
#include <algorithm>

#include "nn/run/text_run.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

constexpr double kRounding = 1.1;  // the pool rounds sizes up (tensor/memory.cpp), by 6% on average

}  // namespace

MemoryNeed memory_need(const TextRun& run, const TextData& data) {
    const GptConfig& m = run.model;
    const auto C = static_cast<double>(m.width), V = static_cast<double>(m.vocabulary);
    const auto L = static_cast<double>(m.layers), NH = static_cast<double>(m.heads);
    const auto T = static_cast<double>(data.longest() ? data.longest() : m.context);
    const auto number = static_cast<double>(sizeof(Real));
    const double tokens = static_cast<double>(run.batch) * T;

    // Per token, what a block keeps for backward: two norms C each, qkv 3C, attention C and a number
    // per head, projection C, up and GELU 4C each, down C, two sums C each; 18C. Dropout keeps two
    // results of C more. Recomputed, a block keeps its input, and one block at a time all of it.
    const double block = (m.dropout > 0 ? 20 : 18) * C + NH;
    const double kept = run.training.recompute ? L * C + block : L * block;
    // Backward holds the gradients of a few results at a time, the largest 4C, and three of V for
    // the logits, their probabilities and their gradient.
    const double passing = 3 * C + 12 * C + 3 * V;
    // Without a graph, a batch of held-out rows needs the largest results of one block and the
    // logits. Batches of another size, such as the last, take other blocks of the pool: twice that.
    const Index all_rows = data.longest() ? kValidationRows : data.held_out() / m.context + 1;
    const auto rows = static_cast<double>(std::min(kValidationRows, all_rows));
    const double held_out = 2 * number * rows * T * (12 * C + V);
    const double batches = 2 * sizeof(int) * static_cast<double>(data.held_out());
    // The keys and values of all stories that are checked at the end.
    const double written = data.longest() ? number * kCheckedDocuments * 2 * L * T * C : 0;
    return {.parameters = 4 * number * static_cast<double>(m.parameter_count()),
            .activations = kRounding * number * tokens * (kept + passing),
            .evaluation = held_out + batches + written};
}

double MemoryNeed::total() const {
    return parameters + activations + evaluation;
}

void require_memory(const TextRun& run, const TextData& data) {
    const MemoryNeed need = memory_need(run, data);
    require_memory(need.total(),
                   fmt::format("gpt: training takes about {} ({} for {} parameters, {} for the "
                               "activations of --batch {}, {} for evaluation)",
                               bytes_text(need.total()), bytes_text(need.parameters),
                               run.model.parameter_count(), bytes_text(need.activations), run.batch,
                               bytes_text(need.evaluation)),
                   run.training.recompute
                       ? "a smaller --batch, --context or --width"
                       : "a smaller --batch, --context or --width, or --recompute");
}

}  // namespace gradus
