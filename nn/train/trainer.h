// SPDX-License-Identifier: MIT
// The training loop, for any model: it needs only the parameters and a function for the loss.
//
//     Trainer trainer(named_parameters(model), options, [&](Index step, Index micro_batch) {
//         return cross_entropy(model(batch.inputs), batch.targets);
//     });
//     while (!trainer.done()) print(trainer.step().loss);
#pragma once

#include <functional>
#include <memory>

#include "nn/train/trainer_options.h"

namespace gradus {

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
    // loss(step, micro_batch): the loss of a micro-batch, a pure function of both numbers (and of the
    // parameters), so that a resumed run continues exactly as the original. step counts from 0.
    using Loss = std::function<Variable(Index step, Index micro_batch)>;

    Trainer(std::vector<NamedParameter> parameters, const TrainerOptions& options, Loss loss);
    // With any optimiser, instead of the one that the options name.
    Trainer(std::unique_ptr<Optimiser> optimiser, const TrainerOptions& options, Loss loss);

    // The learning rate; to be replaced by any other function of the step, before the first.
    Schedule schedule;
    // If set, clips the gradients to the norm `limit` in the library's place; returns the norm before.
    std::function<double(const std::vector<NamedParameter>& parameters, double limit)> clip;
    // Called, if set, in each step (counted from 0) when all gradients are complete, before their norm
    // is taken and checked: to sum them over processes, to add noise, to record them.
    std::function<void(Index step, const std::vector<NamedParameter>& parameters)> after_backward;

    // Forward, backward, after_backward, clip, update. Throws NotFiniteError if the loss or the
    // gradient is not finite, naming the first operation that produced a non-finite value; the
    // parameters are then unchanged.
    StepReport step();

    bool done() const { return step_ >= options_.steps; }
    Index steps_done() const { return step_; }
    const TrainerOptions& options() const { return options_; }

    // Everything needed to resume exactly: parameters and the optimiser's state, by name.
    std::vector<NamedParameter> state() const;
    // Resumes after `steps` steps; the tensors of state() must already be filled.
    void resume_at(Index steps);

 private:
    TrainMode train_mode(Index micro_batch) const;  // of this step
    [[noreturn]] void explain(double loss, double norm);

    TrainerOptions options_;
    std::unique_ptr<Optimiser> optimiser_;
    Loss loss_;
    Index step_ = 0;
};

}  // namespace gradus
