// SPDX-License-Identifier: MIT
#include "bench/compare/step_case.h"

#include "autograd/cross_entropy.h"
#include "nn/data/batch.h"

namespace gradus::bench {

double StepCase::flops() const {
    GptConfig seen = model;
    seen.context = length;
    return seen.flops_per_token() * static_cast<double>(batch * length);
}

StepCase step_cpu() {
    return {
        "cpu",
        {.layers = 4, .heads = 4, .width = 128, .context = 64, .vocabulary = 65, .bias = Bias::no},
        12,
        64};
}

StepCase step_char() {
    return {"char",
            {.layers = 6,
             .heads = 6,
             .width = 384,
             .context = 256,
             .vocabulary = 65,
             .dropout = Real(0.2),
             .bias = Bias::no},
            4,
            256};
}

StepCase step_gpt2() {
    return {"GPT-2 124M", GptConfig::gpt2("124M"), 4, 64};
}

TrainingStep::TrainingStep(const StepCase& c, bool bf16)
    : model_(c.model, 1),
      text_(100000),
      random_(1),
      trainer_(named_parameters(model_), {.steps = 1 << 30, .bf16 = bf16}, [this, c](Index, Index) {
          const Batch batch = random_windows(text_, c.batch, c.length, random_);
          return cross_entropy(model_(batch.inputs), batch.targets);
      }) {
    const auto kinds = static_cast<std::uint64_t>(c.model.vocabulary);
    for (int& id : text_) id = static_cast<int>(random_.below(kinds));
}

}  // namespace gradus::bench
