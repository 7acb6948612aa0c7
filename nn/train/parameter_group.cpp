// SPDX-License-Identifier: MIT
#include "nn/train/parameter_group.h"

#include <algorithm>
#include <cmath>

namespace gradus {

ParameterSettings settings_of(const NamedParameter& p, Real decay, const ParameterGroups& groups) {
    ParameterSettings settings{.lr_factor = 1, .decay = p.variable.shape().rank() >= 2 ? decay : 0};
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) {
        require(g.contains != nullptr, "optimiser: a parameter group without `contains`");
        return g.contains(p);
    });
    if (group != groups.end()) settings = {group->lr_factor, group->decay.value_or(settings.decay)};
    const auto check = [&](const char* what, Real value) {
        require(std::isfinite(value) && value >= 0, "optimiser: {} {} of {}, must be 0 or above",
                what, value, p.name);
    };
    check("learning-rate factor", settings.lr_factor);
    check("weight decay", settings.decay);
    return settings;
}

void freeze(const std::vector<NamedParameter>& parameters) {
    for (const auto& p : parameters) {
        p.variable.zero_grad();
        p.variable.node()->requires_grad = false;
    }
}

void unfreeze(const std::vector<NamedParameter>& parameters) {
    for (const auto& p : parameters) p.variable.node()->requires_grad = true;
}

}  // namespace gradus
