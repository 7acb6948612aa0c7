// SPDX-License-Identifier: MIT
// Lesson 04: a number that remembers.
#pragma once

#include "lessons/04-value/given.h"

namespace mine {

inline Value add(const Value& a, const Value& b) {
    return Value(a.data() + b.data(), "+", {a, b}, [a, b](Real dy) {
        a.grad() += dy;
        b.grad() += dy;
    });
}

inline Value mul(const Value& a, const Value& b) {
    return Value(a.data() * b.data(), "*", {a, b}, [a, b](Real dy) {
        a.grad() += dy * b.data();
        b.grad() += dy * a.data();
    });
}

inline Value exp_of(const Value& x) {
    const Real y = std::exp(x.data());
    return Value(y, "exp", {x}, [x, y](Real dy) { x.grad() += dy * y; });
}

inline Value tanh_of(const Value& x) {
    const Real y = std::tanh(x.data());
    return Value(y, "tanh", {x}, [x, y](Real dy) { x.grad() += dy * (1 - y * y); });
}

}  // namespace mine
