// SPDX-License-Identifier: MIT
// The training loop, for any model: it knows parameters and a function that computes a loss,
// nothing else.
//
//     Trainer trainer(named_parameters(model), options, [&](Index step, Index part) {
//         return cross_entropy(model(batch.inputs), batch.targets);
//     });
//     while (!trainer.done()) print(trainer.step().loss);
#pragma once

#include <functional>

#include "nn/train/optimiser.h"

namespace gradus {

struct TrainerOptions {
    Index steps = 1000;
    Index accumulate =
        1;  // parts per step whose gradients are averaged: a larger batch in the same memory
    WarmupCosine schedule() const { return {steps, warmup, lr, min_lr}; }
    Index warmup = 100;
    double lr = 1e-3, min_lr = 1e-4;
    double clip = 1;  // gradients longer than this are shortened to it; 0: never
    AdamWOptions adamw{.beta2 = Real(0.99), .decay = Real(0.1)};
    std::uint64_t seed = 1;  // of dropout
    bool bf16 = false;       // factors of matrix products rounded to bf16 (tensor/matmul.h)

    bool operator==(const TrainerOptions&) const = default;
};

struct StepReport {
    Index step;   // 1 after the first
    double loss;  // mean over the parts, before the update
    double lr;
    double gradient_norm;  // before clipping
    double update_ratio;  // length of the update by length of the weights, all parameters together;
                          // about 1e-3 is usual. Measured every 20th step, else NaN.
};

class Trainer {
 public:
    // loss(step, part): the loss of a batch, a pure function of both numbers (and of the
    // parameters), so that a resumed run goes on exactly as it would have. step counts from 0.
    using Loss = std::function<Variable(Index step, Index part)>;

    Trainer(std::vector<NamedParameter> parameters, const TrainerOptions& options, Loss loss);

    // Forward, backward, clip, update. Throws NotFiniteError, with the first operation that made
    // the bad number, if the loss or the gradient is not finite; the parameters are then as they
    // were before the step.
    StepReport step();

    bool done() const { return step_ >= options_.steps; }
    Index steps_done() const { return step_; }
    const TrainerOptions& options() const { return options_; }

    // All that a later run needs to go on exactly: parameters and the optimiser's means, by name.
    std::vector<NamedParameter> state() const;
    // Takes up a run after `steps` steps; the tensors of state() must have been filled before.
    void resume_at(Index steps);

 private:
    [[noreturn]] void explain(double loss, double norm);

    TrainerOptions options_;
    AdamW optimiser_;
    Loss loss_;
    Index step_ = 0;
};

}  // namespace gradus
