// SPDX-License-Identifier: MIT
// Lesson 11: AdamW.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline void adamw_step(Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2,
                       Real eps, Real decay, Index t, Index n) {
    const Real correction1 = 1 - std::pow(beta1, t);
    const Real correction2 = 1 - std::pow(beta2, t);
    for (Index i = 0; i < n; ++i) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        const Real step = (m[i] / correction1) / (std::sqrt(v[i] / correction2) + eps);
        w[i] -= lr * (step + decay * w[i]);
    }
}

}  // namespace mine
