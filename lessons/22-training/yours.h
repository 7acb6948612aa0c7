// SPDX-License-Identifier: MIT
// Lesson 22's training, for the programs that run on it: the learner's if it has passed, else the
// solution's.
#pragma once

#include "lessons/22-training/given.h"

namespace gradus::lessons {

Examples your_story_batch(const std::vector<std::vector<int>>& stories, int end);
Variable your_loss(const Model& model, const Examples& batch);
double your_learning_rate(Index step, const RateSchedule& schedule);
double your_clipping(const std::vector<Variable>& parameters, double limit);

}  // namespace gradus::lessons
