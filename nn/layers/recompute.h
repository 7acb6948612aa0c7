// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/recompute.h"
#include "nn/module.h"

namespace gradus {

// module(x), whose activations are not kept but computed again in backward (autograd/recompute.h):
// the same bits, dropout included. The module must outlive the graph.
template <Module M>
Variable recomputed(const M& module, const Variable& x) {
    std::vector<Variable> parameters;
    // parameters() lists them for reading and writing, so it is not const.
    for (const auto& p : named_parameters(const_cast<M&>(module))) parameters.push_back(p.variable);
    const TrainMode::Place place = TrainMode::place();
    return recompute(
        [&module, place](const Variable& input) {
            const TrainMode::Replay replay(place);
            return module(input);
        },
        x, parameters);
}

}  // namespace gradus
