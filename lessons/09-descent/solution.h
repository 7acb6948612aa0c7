// SPDX-License-Identifier: MIT
// Lesson 09: descent.
#pragma once

#include "lessons/09-descent/given.h"

namespace mine {

inline void sgd_step(Real* w, const Real* g, Real lr, Index n) {
    for (Index i = 0; i < n; ++i) w[i] -= lr * g[i];
}

inline std::vector<Real> descend(const std::function<Variable()>& loss,
                                 const std::vector<Variable>& parameters, Real lr, Index steps) {
    std::vector<Real> losses;
    for (Index step = 0; step < steps; ++step) {
        for (const auto& w : parameters) w.zero_grad();
        const Variable now = loss();
        losses.push_back(now.item());
        now.backward();
        for (const auto& w : parameters)
            sgd_step(w.value().data(), w.grad().data(), lr, w.value().count());
    }
    return losses;
}

inline void momentum_step(Real* w, const Real* g, Real* velocity, Real lr, Real momentum, Index n) {
    for (Index i = 0; i < n; ++i) {
        velocity[i] = momentum * velocity[i] + g[i];
        w[i] -= lr * velocity[i];
    }
}

}  // namespace mine
