// SPDX-License-Identifier: MIT
// Lesson 11 by the library, which is handed the corrections instead of the step's number.
#pragma once

#include "lessons/learn.h"
#include "tensor/ops.h"

namespace mine {

inline void adamw_step(Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2,
                       Real eps, Real decay, Index t, Index n) {
    const auto steps = static_cast<Real>(t);
    gradus::ops().adamw_step(w, g, m, v, lr, beta1, beta2, eps, decay, 1 - std::pow(beta1, steps),
                             1 - std::pow(beta2, steps), 1, n);
}

}  // namespace mine
