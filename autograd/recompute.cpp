// SPDX-License-Identifier: MIT
#include "autograd/recompute.h"

#include "autograd/elementwise.h"
#include "autograd/reduce.h"

namespace gradus {

Variable recompute(const std::function<Variable(const Variable&)>& f, const Variable& x,
                   const std::vector<Variable>& parameters) {
    Tensor y;
    {
        const NoGrad guard;
        y = f(x).value();
    }
    std::vector<Variable> inputs = {x};
    inputs.insert(inputs.end(), parameters.begin(), parameters.end());
    return record("recompute", y, inputs, [f, x](const Tensor& dy) {
        // A graph of its own, from a copy of x to the number whose gradient with respect to y is
        // dy. It adds to the gradients of the parameters, which are its leaves, by itself.
        const Variable start(x.value(), x.requires_grad());
        sum(f(start) * Variable(dy)).backward();
        if (x.requires_grad() && start.has_grad()) x.add_grad(start.grad());
    });
}

}  // namespace gradus
