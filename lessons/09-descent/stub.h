// SPDX-License-Identifier: MIT
// Lesson 09: descent. The text is lessons/09-descent/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 09
#pragma once

#include "lessons/09-descent/given.h"

namespace mine {

// One step downhill. w: n weights, changed in place. g: their gradient, g[i] = dLoss/dw[i].
// lr: the learning rate, how far to go.
inline void sgd_step(Real* w, const Real* g, Real lr, Index n) {
    unfinished("sgd_step");  // TODO: one loop
}

// Goes downhill `steps` times and returns the loss before each step: `steps` numbers.
// Each call of loss() computes the loss of the parameters as they are then; call it once a step.
// backward() adds to the gradients, and those you are given may hold numbers from before.
// Of a parameter w: w.zero_grad(), w.value().data(), w.grad().data(), w.value().count().
// Of the loss: item(), backward().
inline std::vector<Real> descend(const std::function<Variable()>& loss,
                                 const std::vector<Variable>& parameters, Real lr, Index steps) {
    unfinished("descend");  // TODO: zero the gradients, forward, backward, step
}

// One step with a memory. velocity (n numbers, changed in place) becomes momentum times itself plus
// the gradient; then each w goes against its velocity, lr times as far.
inline void momentum_step(Real* w, const Real* g, Real* velocity, Real lr, Real momentum, Index n) {
    unfinished("momentum_step");  // TODO
}

}  // namespace mine
