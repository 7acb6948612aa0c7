// SPDX-License-Identifier: MIT
// A module is a plain struct whose parameters(visit) names every member that holds parameters.
// There is no base class and no registry; everything else (counting, saving, weight decay) goes
// through that one visit.
//
//     struct Pair {
//         Linear first, second;
//         Variable operator()(const Variable& x) const { return second(relu(first(x))); }
//         void parameters(auto&& visit) { visit("first", first); visit("second", second); }
//     };
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "autograd/variable.h"
#include "nn/train_mode.h"
#include "tensor/stored_weight.h"

namespace gradus {

template <class T>
concept Module = requires(T& module) {
    module.parameters([](std::string_view, auto&) {});
};

struct NamedParameter {
    std::string name;  // "block.3.attention.qkv.weight"
    Variable variable;
};

// Calls visit(name, member) for whatever a module names that is not a module itself, in visiting
// order and with the full name: parameters and stored weights, undefined ones too.
template <Module M>
void visit_members(M& module, const auto& visit, const std::string& prefix = "") {
    module.parameters([&](std::string_view name, auto& member) {
        if constexpr (Module<std::remove_cvref_t<decltype(member)>>)
            visit_members(member, visit, prefix + std::string(name) + '.');
        else
            visit(prefix + std::string(name), member);
    });
}

// Every parameter of a module in visiting order, inner names prefixed with the outer ones.
// Undefined variables (an absent bias) are left out. A variable that two members share (as
// in weight tying) is listed once, under its first name, so it is updated, saved and counted
// once. A member that parameters() forgets to visit silently stays untrained, so test the count.
template <Module M>
std::vector<NamedParameter> named_parameters(M& module) {
    std::vector<NamedParameter> list;
    std::unordered_set<const Node*> seen;
    visit_members(module, [&](const std::string& name, auto& member) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, Variable>)
            if (member.defined() && seen.insert(member.node()).second)
                list.push_back({name, member});
    });
    return list;
}

Index parameter_count(const std::vector<NamedParameter>& parameters);

// All numbers of a module: of its parameters and of its stored weights (nn/stored_weights.h).
template <Module M>
Index parameter_count(M& module) {
    Index count = parameter_count(named_parameters(module));
    visit_members(module, [&](const std::string&, auto& member) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, StoredWeight>)
            if (member.defined()) count += member.rows * member.columns;
    });
    return count;
}

// Creates parameters with their initial values. Each call to normal() uses the next random stream,
// so a model built in the same order from the same seed has the same values, no matter what else
// draws random numbers.
class Initialiser {
 public:
    explicit Initialiser(std::uint64_t seed) : seed_(seed) {}
    // For a model whose values will be loaded: normal() leaves them undetermined, which takes
    // neither time nor, until they are written, memory.
    static Initialiser none() {
        Initialiser init(0);
        init.none_ = true;
        return init;
    }
    Variable normal(const Shape& shape, double stddev);
    static Variable constant(const Shape& shape, Real value) {
        return parameter(Tensor::full(shape, value));
    }

 private:
    std::uint64_t seed_;
    std::uint32_t next_ = 0;
    bool none_ = false;
};

}  // namespace gradus
