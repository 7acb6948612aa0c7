// SPDX-License-Identifier: MIT
// The training steps that are measured, and this library's version of one.
#pragma once

#include <string>
#include <vector>

#include "nn/models/gpt.h"
#include "nn/train/trainer.h"
#include "tensor/random.h"

namespace gradus::bench {

struct StepCase {
    std::string name;
    GptConfig model;
    Index batch;   // B windows ...
    Index length;  // ... of T tokens, T <= model.context
    // Computed by GptConfig::flops_per_token, counting attention over the T tokens of a window: the
    // context only determines the size of the position table.
    double flops() const;
};

StepCase step_cpu();   // the preset cpu of ./gradus gpt: nanoGPT's settings for a laptop
StepCase step_char();  // the preset char: nanoGPT's shakespeare-char, with 4 windows per batch
StepCase step_gpt2();  // GPT-2 124M, 4 windows of 64 tokens

// A model with random weights that trains on random tokens, using the trainer of ./gradus gpt. A
// step covers data, forward, backward, clipping and AdamW.
class TrainingStep {
 public:
    explicit TrainingStep(const StepCase& c, bool bf16 = false);
    TrainingStep(const TrainingStep&) = delete;
    TrainingStep& operator=(const TrainingStep&) = delete;

    void step() { trainer_.step(); }

 private:
    Gpt model_;
    std::vector<int> text_;
    Random random_;
    Trainer trainer_;
};

}  // namespace gradus::bench
