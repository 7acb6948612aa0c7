// SPDX-License-Identifier: MIT
// Lesson 22: train it.
#pragma once

#include "lessons/22-training/given.h"

namespace mine {

inline Examples story_batch(const std::vector<std::vector<int>>& stories, int end) {
    const auto B = static_cast<Index>(stories.size());
    Index T = 0;
    for (const auto& story : stories) T = std::max<Index>(T, std::ssize(story));
    std::vector<int> inputs(B * T, 0), targets(B * T, -1);
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < std::ssize(stories[b]); ++t) {
            inputs[b * T + t] = t == 0 ? end : stories[b][t - 1];
            targets[b * T + t] = stories[b][t];
        }
    return {Tokens({B, T}, inputs), Tokens({B, T}, targets)};
}

inline Variable loss(const Model& model, const Examples& batch) {
    return cross_entropy(model(batch.inputs), batch.targets);
}

inline double learning_rate(Index step, const RateSchedule& schedule) {
    const auto& [steps, warmup, lr, min_lr] = schedule;
    if (step < warmup) return lr * static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
    if (step >= steps) return min_lr;
    const double part = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return min_lr + (lr - min_lr) * (1 + std::cos(std::numbers::pi * part)) / 2;
}

inline double clip_gradients(const std::vector<Variable>& parameters, double limit) {
    double squares = 0;
    for (const Variable& p : parameters) {
        const Tensor g = p.grad();
        for (Index i = 0; i < g.count(); ++i) squares += g[i] * g[i];
    }
    const double norm = std::sqrt(squares);
    if (norm <= limit) return norm;
    for (const Variable& p : parameters) {
        const Tensor g = p.grad();
        for (Index k = 0; k < g.count(); ++k) g[k] *= limit / norm;
    }
    return norm;
}

inline std::vector<double> train(const Model& model, YourAdamW& optimiser, const Batches& batches,
                                 const RateSchedule& schedule, double limit) {
    std::vector<double> losses;
    for (Index step = 0; step < schedule.steps; ++step) {
        optimiser.zero_grad();
        const Variable result = loss(model, batches(step));
        result.backward();
        clip_gradients(optimiser.parameters(), limit);
        optimiser.step(learning_rate(step, schedule));
        losses.push_back(result.item());
    }
    return losses;
}

}  // namespace mine
