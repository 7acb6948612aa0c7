// SPDX-License-Identifier: MIT
// Gradient checking: compares backward() with central finite differences of L = sum(w f(x)) for a
// random w. In the double build the two agree to 1e-6 or better; in float, the differences
// themselves are accurate only to 1e-2.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/variable.h"

namespace gradus {

struct GradientCheck {
    bool ok = true;
    // The largest |analytic - numeric| / (absolute + relative tolerance); ok if at most 1.
    double worst = 0;
    std::string message;  // "input 1, element 7 of (2, 8): backward gives 0.25, differences 0.5"
};

struct GradientCheckOptions {
    double relative = sizeof(Real) == 8 ? 1e-6 : 2e-2;
    double absolute = sizeof(Real) == 8 ? 1e-8 : 1e-3;
    double step = sizeof(Real) == 8 ? 6e-6 : 1e-2;  // times max(1, |x|)
    std::uint64_t seed = 1;  // for the output weights and the gradients' initial values
};

// Checks dL/dx for every element x of every input. Gradients start from random values, not zero, so
// that a backward function that overwrites (= instead of +=) is caught. Inputs are copied; f must
// be a pure function of them.
GradientCheck gradient_check(const std::function<Variable(const std::vector<Variable>&)>& f,
                             const std::vector<Tensor>& inputs,
                             const GradientCheckOptions& options = {});

}  // namespace gradus
