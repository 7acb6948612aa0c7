// SPDX-License-Identifier: MIT
// Parameters that are trained in another way than the others: with their own learning rate, with
// their own weight decay, or not at all.
//
//     freeze(model.token);
//     AdamW optimiser(named_parameters(model), options,
//                     {{.contains = [](const auto& p) { return p.name.starts_with("block.0."); },
//                       .lr_factor = Real(0.1)}});
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nn/module.h"

namespace gradus {

using ParameterPredicate = std::function<bool(const NamedParameter&)>;

// A parameter belongs to the first group that contains it.
struct ParameterGroup {
    ParameterPredicate contains;
    Real lr_factor = 1;  // multiplies the learning rate; 0: the weights do not move
    // Weight decay of everything in the group, vectors included; empty: as outside any group.
    std::optional<Real> decay = {};
};
using ParameterGroups = std::vector<ParameterGroup>;

struct ParameterSettings {
    Real lr_factor, decay;
};

// Outside any group, matrices and embeddings have the optimiser's decay, and vectors (biases and
// the weights of norms) none, as in GPT-2's training. Throws std::invalid_argument if the result is
// negative or not finite.
ParameterSettings settings_of(const NamedParameter& parameter, Real decay,
                              const ParameterGroups& groups);

// Excludes every parameter of a module from training: backward() computes no gradient for it, and
// an optimiser made afterwards has no state for it and does not change it. It is still listed,
// saved and loaded. unfreeze() is the opposite.
void freeze(const std::vector<NamedParameter>& parameters);
void unfreeze(const std::vector<NamedParameter>& parameters);

template <Module M>
void freeze(M& module) {
    freeze(named_parameters(module));
}
template <Module M>
void unfreeze(M& module) {
    unfreeze(named_parameters(module));
}

}  // namespace gradus
