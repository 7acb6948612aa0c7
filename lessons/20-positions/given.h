// SPDX-License-Identifier: MIT
// Lesson 20, given: the names of the library that it is written with.
#pragma once

#include "autograd/elementwise.h"  // x + y, with broadcasting
#include "autograd/shape.h"
#include "lessons/learn.h"

using gradus::slice;  // slice(table, begin, end): rows begin ... end - 1, and their gradients
using gradus::Variable;
