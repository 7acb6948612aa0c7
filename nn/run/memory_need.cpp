// SPDX-License-Identifier: MIT
// How much memory a training run takes, and whether there is that much.
#include <algorithm>

#include "nn/run/text_run.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

constexpr double kRounding = 1.1;  // the pool rounds sizes up (tensor/memory.cpp), by 6% on average

// Per token and in numbers: what a block keeps for backward, its largest result, and its keys.
struct Sizes {
    double width, vocabulary, layers, block, widest, kv_width;
};

// Two norms C each, qkv 3C, attention C and a number per head, projection C, up and GELU 4C each, down
// C, two sums C each; 18C. Dropout keeps two results of C more.
Sizes sizes_of(const GptConfig& c) {
    const auto C = static_cast<double>(c.width);
    const double block = (c.dropout > 0 ? 20 : 18) * C + static_cast<double>(c.heads);
    return {C, static_cast<double>(c.vocabulary), static_cast<double>(c.layers), block, 4 * C, C};
}

// Two norms, projection, down and two sums C each; queries, keys and values, the first two also
// rotated, attention, and a number per head; gate, up, SiLU and their product.
Sizes sizes_of(const LlamaConfig& c) {
    const auto C = static_cast<double>(c.width), hidden = static_cast<double>(c.hidden);
    const auto q = static_cast<double>(c.heads * c.size_of_head()),
               kv = static_cast<double>(c.kv_heads * c.size_of_head());
    const double block = 6 * C + 3 * q + 3 * kv + static_cast<double>(c.heads) + 4 * hidden;
    return {C,     static_cast<double>(c.vocabulary), static_cast<double>(c.layers),
            block, std::max({C, q, hidden}),          kv};
}

}  // namespace

MemoryNeed memory_need(const TextRun& run, const TextData& data) {
    const Sizes m = std::visit([](const auto& config) { return sizes_of(config); }, run.model);
    const double C = m.width, V = m.vocabulary, L = m.layers;
    const auto T = static_cast<double>(data.longest() ? data.longest() : run.length());
    const auto number = static_cast<double>(sizeof(Real));
    const double tokens = static_cast<double>(run.batch) * T;

    // Recomputed, a block keeps its input, and one block at a time all of it.
    const double kept = run.training.recompute ? L * C + m.block : L * m.block;
    // Backward holds the gradients of a few results at a time, and three of V for the logits, their
    // probabilities and their gradient.
    const double passing = 3 * C + 3 * m.widest + 3 * V;
    // Without a graph, a batch of held-out rows needs the largest results of one block and the
    // logits. Batches of another size, such as the last, take other blocks of the pool: twice that.
    const Index all_rows =
        data.longest() ? run.validation_rows() : data.held_out() / run.length() + 1;
    const auto rows = static_cast<double>(std::min(run.validation_rows(), all_rows));
    const double held_out = 2 * number * rows * T * (3 * m.widest + V);
    const double batches = 2 * sizeof(int) * static_cast<double>(data.held_out());
    // Muon orthogonalises one matrix at a time, in eight tensors of the largest one's size.
    const double orthogonal =
        run.training.optimiser == "muon" ? 8 * kRounding * number * C * m.widest : 0;
    // The keys and values of all stories that are checked at the end.
    const double written = data.longest() ? number * kCheckedDocuments * 2 * L * T * m.kv_width : 0;
    const auto parameters = static_cast<double>(parameter_count(run.model));
    return {.parameters = 4 * number * parameters + orthogonal,
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
                               parameter_count(run.model), bytes_text(need.activations), run.batch,
                               bytes_text(need.evaluation)),
                   std::string("a smaller --batch") +
                       (run.init.empty() ? ", --context or --width" : " or --window") +
                       (run.training.recompute ? "" : ", or --recompute"));
}

}  // namespace gradus
