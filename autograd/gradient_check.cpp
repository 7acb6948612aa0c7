// SPDX-License-Identifier: MIT
#include "autograd/gradient_check.h"

#include <algorithm>
#include <cmath>

#include "autograd/elementwise.h"
#include "autograd/reduce.h"

namespace gradus {

GradientCheck gradient_check(const std::function<Variable(const std::vector<Variable>&)>& f,
                             const std::vector<Tensor>& inputs,
                             const GradientCheckOptions& options) {
    Random random(options.seed);
    std::vector<Variable> variables;
    std::vector<Tensor> start;  // what the gradients hold before backward() adds to them
    for (const auto& input : inputs) {
        variables.push_back(parameter(input.clone()));
        start.push_back(Tensor::uniform(input.shape(), -1, 1, random));
        variables.back().grad().copy_from(start.back());
    }
    const Variable y = f(variables);
    const Tensor weights = Tensor::uniform(y.shape(), -1, 1, random);
    sum(mul(y, weights)).backward();

    // L at the current values, summed in double: in float, the sum's rounding error would swamp the
    // difference.
    const auto loss = [&] {
        const NoGrad guard;
        const Variable now = f(variables);
        double total = 0;
        for (Index i = 0; i < weights.count(); ++i) total += double{now.value()[i]} * weights[i];
        return total;
    };

    GradientCheck result;
    for (std::size_t v = 0; v < variables.size(); ++v) {
        const Tensor x = variables[v].value();
        for (Index i = 0; i < x.count(); ++i) {
            const Real before = x[i];
            const Real h = static_cast<Real>(options.step *
                                             std::max(1.0, std::abs(static_cast<double>(before))));
            x[i] = before + h;
            const double above = loss();
            const double width = double{x[i]} - (before - h);  // the actual width, after rounding
            x[i] = before - h;
            const double numeric = (above - loss()) / width;
            x[i] = before;
            const double analytic = double{variables[v].grad()[i]} - start[v][i];
            const double allowed =
                options.absolute +
                options.relative * std::max(std::abs(analytic), std::abs(numeric));
            const double error = std::abs(analytic - numeric) / allowed;
            if (!(error <= result.worst)) {  // also true for NaN
                result.worst = std::isnan(error) ? INFINITY : error;
                result.message =
                    fmt::format("input {}, element {} of {}: backward gives {}, differences {}", v,
                                i, x.shape(), analytic, numeric);
            }
        }
    }
    result.ok = result.worst <= 1;
    return result;
}

}  // namespace gradus
