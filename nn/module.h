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

namespace gradus {

template <class T>
concept Module = requires(T& module) {
    module.parameters([](std::string_view, auto&) {});
};

struct NamedParameter {
    std::string name;  // "block.3.attention.qkv.weight"
    Variable variable;
};

// Every parameter of a module in visiting order, inner names prefixed with the outer ones.
// Undefined variables (an absent bias) are left out. A variable that two members share (as
// in weight tying) is listed once, under its first name, so it is updated, saved and counted
// once. A member that parameters() forgets to visit silently stays untrained, so test the count.
template <Module M>
std::vector<NamedParameter> named_parameters(M& module) {
    std::vector<NamedParameter> list;
    std::unordered_set<const Node*> seen;
    std::string prefix;
    const auto visit = [&](const auto& self, std::string_view name, auto& member) -> void {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, Variable>) {
            if (member.defined() && seen.insert(member.node()).second)
                list.push_back({prefix + std::string(name), member});
        } else {
            const std::size_t length = prefix.size();
            prefix += std::string(name) + '.';
            member.parameters([&](std::string_view inner, auto& m) { self(self, inner, m); });
            prefix.resize(length);
        }
    };
    module.parameters([&](std::string_view name, auto& member) { visit(visit, name, member); });
    return list;
}

Index parameter_count(const std::vector<NamedParameter>& parameters);

template <Module M>
Index parameter_count(M& module) {
    return parameter_count(named_parameters(module));
}

// One line per parameter (name, shape, count) and one for the total:
//     hidden.weight  (2, 16)     32
//     hidden.bias    (16,)       16
//     all                        48
std::string summary(const std::vector<NamedParameter>& parameters);

template <Module M>
std::string summary(M& module) {
    return summary(named_parameters(module));
}

// Creates parameters with their initial values. Each call to normal() uses the next random stream,
// so a model built in the same order from the same seed has the same values, no matter what else
// draws random numbers.
class Initialiser {
 public:
    explicit Initialiser(std::uint64_t seed) : seed_(seed) {}
    Variable normal(const Shape& shape, double stddev);
    static Variable constant(const Shape& shape, Real value) {
        return parameter(Tensor::full(shape, value));
    }

 private:
    std::uint64_t seed_;
    std::uint32_t next_ = 0;
};

}  // namespace gradus
