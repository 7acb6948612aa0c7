// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/rms_norm.h"
#include "nn/module.h"

namespace gradus {

// Divides each row by its root mean square, then scales by weight, which is learned.
// (..., C) -> (..., C)
struct RmsNorm {
    Variable weight;  // (C), initialised to 1
    Real eps = Real(1e-5);

    RmsNorm() = default;
    explicit RmsNorm(Index width, Real epsilon = Real(1e-5))
        : weight(Initialiser::constant({width}, 1)), eps(epsilon) {}

    Variable operator()(const Variable& x) const { return rms_norm(x, weight, eps); }
    void parameters(auto&& visit) { visit("weight", weight); }
};

}  // namespace gradus
