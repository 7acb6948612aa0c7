// SPDX-License-Identifier: MIT
// Lesson 10, given: the library's operations on variables, where first values come from, and how
// the check holds a struct of yours whose type it does not know.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "lessons/learn.h"
#include "nn/module.h"

using gradus::Initialiser;
using gradus::NamedParameter;
using gradus::Variable;

namespace gradus::lessons {

// A module with its type forgotten: what it computes, and what it consists of.
struct AnyModule {
    std::function<Variable(const Variable&)> forward;
    std::function<std::vector<NamedParameter>()> parameters;
};
struct AnyLinear : AnyModule {
    Variable weight, bias;
};

template <Module M>
AnyModule any_module(M module) {
    const auto kept = std::make_shared<M>(std::move(module));
    return {[kept](const Variable& x) { return (*kept)(x); },
            [kept] { return named_parameters(*kept); }};
}

// The same for a Linear, whose two members can be looked at.
template <Module L>
AnyLinear any_linear(L linear) {
    const Variable weight = linear.weight, bias = linear.bias;
    return {any_module(std::move(linear)), weight, bias};
}

}  // namespace gradus::lessons

using gradus::lessons::any_linear;
using gradus::lessons::any_module;
using gradus::lessons::AnyLinear;
using gradus::lessons::AnyModule;
