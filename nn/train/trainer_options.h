// SPDX-License-Identifier: MIT
// The settings of a training run, and the optimiser and the schedule that they name.
#pragma once

#include <memory>
#include <string>

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
    bool recompute = false;  // activations of blocks computed again in backward, not kept
    std::string optimiser = "adamw", schedule = "cosine";  // by name, see fields()
    double momentum = 0.95;                                // of SGD and Muon
    double cooldown = 0.1;                                 // of the schedule wsd

    bool operator==(const TrainerOptions&) const = default;
    void fields(auto&& visit) {
        visit("steps", steps, About{.help = "Training steps", .resumable = true});
        visit("accumulate", accumulate,
              About{.help = "Micro-batches whose gradients are averaged in one step (gradient "
                            "accumulation), for a large batch in little memory"});
        visit("lr", lr,
              About{.help = "Peak learning rate, after warm-up; then it follows the schedule"});
        visit("min_lr", min_lr, About{.help = "Learning rate at the end of cosine and wsd"});
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
        visit("recompute", recompute,
              About{.help = "Compute the activations of each block again in backward instead of "
                            "keeping them: the same bits, less memory, a third more time",
                    .resumable = true,
                    .optional = true});
        visit(
            "optimiser", optimiser,
            About{.help = "adamw, sgd, lion (with a third to a tenth of AdamW's learning rate), or "
                          "muon (for matrices inside blocks, the rest by AdamW)",
                  .optional = true});
        visit(
            "schedule", schedule,
            About{.help = "Learning rate after warm-up: cosine, constant, or wsd (constant, then a "
                          "cooldown)",
                  .optional = true});
        visit("momentum", momentum, About{.help = "Momentum of SGD and Muon", .optional = true});
        visit("cooldown", cooldown,
              About{.help = "Part of the steps, from 0 to 1, in which wsd lowers the learning rate",
                    .optional = true});
    }
};

// The optimiser and the schedule that the options name. Throw std::invalid_argument if there is no
// such name, or if momentum or cooldown is out of range.
std::unique_ptr<Optimiser> make_optimiser(std::vector<NamedParameter> parameters,
                                          const TrainerOptions& options,
                                          const ParameterGroups& groups = {});
Schedule make_schedule(const TrainerOptions& options);

}  // namespace gradus
