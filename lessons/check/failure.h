// SPDX-License-Identifier: MIT
// Shows a comparison that failed: yours and expected side by side, every number with a name.
#pragma once

#include <string>
#include <vector>

#include "lessons/check/compare.h"

namespace gradus::lessons {

// The names of what CHECK(same(first, second)) compares, from its text: "the gradient of x" for
// x.grad(), "m[0]" for yours.m[0]; one for each element of a list in braces. Empty if the text has
// no name that means anything to a learner, such as that of a helper.
std::vector<std::string> names_compared(const std::string& expression);

// "matmul({1, 2}, {3, 4}, 1, 1, 2)" if the expression compares a call of `function` with numbers and
// strings alone; else "".
std::string call_compared(const std::string& expression, const std::string& function);

// "size < 1.25": a condition on names and numbers. "" if it calls a function or has a constant of
// the check, whose names mean nothing to a learner.
std::string readable(const std::string& expression);

// The comparison in words: "the gradient of x: yours is 3, expected 2 (1 of 2 is wrong)".
std::string words_of(const Comparison& failed, const std::vector<std::string>& names);

// Both as a table, whole, with marks at what differs; "" if they are too long for that.
std::string table_of(const Comparison& failed, const std::vector<std::string>& names);

}  // namespace gradus::lessons
