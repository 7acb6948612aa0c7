// SPDX-License-Identifier: MIT
// Lesson 19, given: the type of a sublayer, and sums of variables.
#pragma once

#include <functional>

#include "autograd/elementwise.h"
#include "lessons/learn.h"

namespace gradus::lessons {

// A part of a network whose result has the shape of what it reads: attention, an MLP, or any other.
// It is called like a function: sublayer(x).
using Sublayer = std::function<Variable(const Variable& x)>;

}  // namespace gradus::lessons

using gradus::Variable;
using gradus::lessons::Sublayer;
