// SPDX-License-Identifier: MIT
// The matrices of a module that are only read (tensor/stored_weight.h): by name, and how a layer's
// matrix becomes one. And the summary of a module, which lists both kinds.
#pragma once

#include <string>
#include <vector>

#include "nn/module.h"

namespace gradus {

struct NamedWeight {
    std::string name;  // that of the parameter that it replaces
    StoredWeight* weight;
};

// Every stored weight, in visiting order.
template <Module M>
std::vector<NamedWeight> stored_weights(M& module) {
    std::vector<NamedWeight> list;
    visit_members(module, [&](const std::string& name, auto& member) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, StoredWeight>)
            if (member.defined()) list.push_back({name, &member});
    });
    return list;
}

// Calls visit(layer) for every layer whose matrix can be stored: Linear, Embedding.
template <Module M>
void visit_stores(M& module, const auto& visit) {
    if constexpr (requires { module.store(WeightFormat::f32); })
        visit(module);
    else
        module.parameters([&](std::string_view, auto& member) {
            if constexpr (Module<std::remove_cvref_t<decltype(member)>>)
                visit_stores(member, visit);
        });
}

// Keeps the matrices of these layers in this format: for a model that is no longer trained, or of
// which only the rest is (biases, norms, adapters).
template <Module M>
void store_weights(M& module, WeightFormat format) {
    visit_stores(module, [format](auto& layer) { layer.store(format); });
}

// The memory that parameters and stored weights take.
template <Module M>
Index parameter_bytes(M& module) {
    Index bytes = parameter_count(named_parameters(module)) * static_cast<Index>(sizeof(Real));
    for (const auto& w : stored_weights(module)) bytes += w.weight->bytes();
    return bytes;
}

// One line per parameter and stored weight (name, shape, format if stored, count), and the total:
//     hidden.bias    (16,)                  16
//     hidden.weight  (2, 16) bf16           32
//     all                                   48
std::string summary(const std::vector<NamedParameter>& parameters,
                    const std::vector<NamedWeight>& stored = {});

template <Module M>
std::string summary(M& module) {
    return summary(named_parameters(module), stored_weights(module));
}

}  // namespace gradus
