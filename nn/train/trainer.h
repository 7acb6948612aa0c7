// SPDX-License-Identifier: MIT
// The training loop, for any model: it needs only the parameters and a function that computes the
// loss.
//
//     Trainer trainer(named_parameters(model), options, [&](Index step, Index micro_batch) {
//         return cross_entropy(model(batch.inputs), batch.targets);
//     });
//     while (!trainer.done()) print(trainer.step().loss);
#pragma once

#include <functional>

#include "nn/train/optimiser.h"
#include "nn/train/schedule.h"

namespace gradus {

struct TrainerOptions {
    Index steps = 1000;
    Index accumulate = 1;  // micro-batches per step (gradient accumulation)
    Index warmup = 100;
    double lr = 1e-3, min_lr = 1e-4;
    double clip = 1;  // a larger gradient norm is clipped to this; 0: never
    AdamWOptions adamw{.beta2 = Real(0.99), .decay = Real(0.1)};
    std::uint64_t seed = 1;  // for dropout
    bool bf16 = false;       // operands of matrix products rounded to bf16 (tensor/matmul.h)

    WarmupCosine schedule() const { return {steps, warmup, lr, min_lr}; }
    bool operator==(const TrainerOptions&) const = default;
    void fields(auto&& visit) {
        visit("steps", steps, About{.help = "Training steps", .resumable = true});
        visit("accumulate", accumulate,
              About{.help = "Micro-batches whose gradients are averaged in one step (gradient "
                            "accumulation), for a large batch in little memory"});
        visit("lr", lr,
              About{.help = "Peak learning rate, after warm-up; then it falls along a cosine"});
        visit("min_lr", min_lr, About{.help = "Learning rate at the end of the cosine"});
        visit("warmup", warmup, About{.help = "Steps over which the learning rate warms up"});
        visit("clip", clip,
              About{.help = "Largest gradient norm: larger gradients are clipped to it; 0: never"});
        adamw.fields(visit);
        visit("seed", seed, About{.help = "Same seed, same model, bit for bit"});
        visit("bf16", bf16,
              About{.help = "Round the operands of matrix products to 8 significant bits (bf16); "
                            "weights and sums remain float. Faster if the processor has AMX or "
                            "AVX512_BF16",
                    .optional = true});
    }
};

struct StepReport {
    Index step;   // counts from 1
    double loss;  // mean over the micro-batches, before the update
    double lr;
    double gradient_norm;  // before clipping
    // Norm of the update / norm of the weights, over all parameters; about 1e-3 is typical.
    // Measured every 20th step, otherwise NaN.
    double update_ratio;
};

class Trainer {
 public:
    // loss(step, micro_batch): the loss of a micro-batch, a pure function of both numbers (and of
    // the parameters), so that a resumed run continues exactly as the original would have. step
    // counts from 0.
    using Loss = std::function<Variable(Index step, Index micro_batch)>;

    Trainer(std::vector<NamedParameter> parameters, const TrainerOptions& options, Loss loss);

    // Forward, backward, clip, update. Throws NotFiniteError if the loss or the gradient is not
    // finite, naming the first operation that produced a non-finite value; the parameters are then
    // unchanged.
    StepReport step();

    bool done() const { return step_ >= options_.steps; }
    Index steps_done() const { return step_; }
    const TrainerOptions& options() const { return options_; }

    // Everything needed to resume exactly: parameters and the optimiser's moments, by name.
    std::vector<NamedParameter> state() const;
    // Resumes after `steps` steps; the tensors of state() must already be filled.
    void resume_at(Index steps);

 private:
    [[noreturn]] void explain(double loss, double norm);

    TrainerOptions options_;
    AdamW optimiser_;
    Loss loss_;
    Index step_ = 0;
};

}  // namespace gradus
