// SPDX-License-Identifier: MIT
// Lesson 04: a number that remembers. The text is lessons/04-value/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 04
#pragma once

#include "lessons/04-value/given.h"

namespace mine {

// Each function returns Value(number, operation, inputs, hand_on):
//   number     the result, computed from x.data()
//   operation  what a picture calls it: "+", "*", "exp", "tanh"
//   inputs     {a, b} or {x}
//   hand_on    a lambda [a, b](Real dy) {...} that captures by value. dy is the gradient of the
//              result. It adds (+=) to the gradient of each input, a.grad(), dy times the
//              derivative of the result with respect to that input.

// a + b
inline Value add(const Value& a, const Value& b) {
    unfinished("add");  // TODO
}

// a times b
inline Value mul(const Value& a, const Value& b) {
    unfinished("mul");  // TODO
}

// e to the power x: std::exp
inline Value exp_of(const Value& x) {
    unfinished("exp_of");  // TODO
}

// The hyperbolic tangent: std::tanh
inline Value tanh_of(const Value& x) {
    unfinished("tanh_of");  // TODO
}

}  // namespace mine
