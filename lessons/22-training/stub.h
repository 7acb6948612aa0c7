// SPDX-License-Identifier: MIT
// Lesson 22: train it. The text is lessons/22-training/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 22
#pragma once

#include "lessons/22-training/given.h"

namespace mine {

// A row for each story, as long as the longest of them: both Tokens are (B, T). Each story has `end`
// as its last token, so none is empty.
//   inputs: `end`, then the story without its last token     targets: the story
// What is left of a row is padding: the input 0 and the target -1, which means "nothing to predict".
inline Examples story_batch(const std::vector<std::vector<int>>& stories, int end) {
    unfinished("story_batch");  // TODO: find T, then fill two vectors
}

// The cross-entropy of the model's scores for the inputs with the targets: a single number, the mean
// over all places whose target is not -1.
inline Variable loss(const Model& model, const Examples& batch) {
    unfinished("loss");  // TODO: one line
}

// The learning rate of a step, counted from 0. Warm-up: lr (step + 1) / (warmup + 1). From step
// `warmup` on half a cosine, from lr down to min_lr at step `steps`, and min_lr after that.
inline double learning_rate(Index step, const RateSchedule& schedule) {
    unfinished("learning_rate");  // TODO
}

// The norm of all gradients taken as one vector, before clipping. If it is above limit, all of them
// are multiplied by limit / norm; else they stay as they are.
inline double clip_gradients(const std::vector<Variable>& parameters, double limit) {
    unfinished("clip_gradients");  // TODO: measure all, then scale all
}

// schedule.steps steps, counted from 0: zero the gradients, loss of batches(step), backward, clip,
// optimiser step with the rate of this step. Returns the loss of each step, in order.
inline std::vector<double> train(const Model& model, YourAdamW& optimiser, const Batches& batches,
                                 const RateSchedule& schedule, double limit) {
    unfinished("train");  // TODO
}

}  // namespace mine
