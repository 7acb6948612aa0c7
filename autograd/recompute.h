// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "autograd/variable.h"

namespace gradus {

// y = f(x), without keeping what f computes on the way: backward computes it again (gradient
// checkpointing: Chen et al. 2016, arXiv:1604.06174). The same bits, a second forward pass of f, and
// only x in memory until then. `parameters`: the variables that f uses besides x. f must compute the
// same thing twice: what it draws or counts must be put back first.
Variable recompute(const std::function<Variable(const Variable&)>& f, const Variable& x,
                   const std::vector<Variable>& parameters);

}  // namespace gradus
