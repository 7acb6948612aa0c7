// SPDX-License-Identifier: MIT
// What every file of a learner begins with.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tensor/real.h"

using gradus::Index;  // sizes and positions: signed, 64 bits
using gradus::Real;   // the numbers: double in the lessons, float when a GPT is trained

namespace gradus::lessons {

// Stands where code is to be written. Says so by throwing; the check knows it from a crash.
[[noreturn]] void unfinished(const char* function);

}  // namespace gradus::lessons

using gradus::lessons::unfinished;
