// SPDX-License-Identifier: MIT
// Lesson 09, given: the library's Variable, a tensor that remembers how it was made.
#pragma once

#include <functional>

#include "autograd/variable.h"
#include "lessons/learn.h"

using gradus::Variable;
