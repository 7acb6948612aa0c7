// SPDX-License-Identifier: MIT
// Included by every file that a learner writes.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tensor/real.h"

using gradus::Index;  // sizes and positions: signed, 64 bits
using gradus::Real;   // the numbers: double in the lessons, float when a GPT is trained

namespace gradus::lessons {

// Marks code still to be written. It throws, so the check can tell an unfinished function from a
// crash.
[[noreturn]] void unfinished(const char* function);

}  // namespace gradus::lessons

using gradus::lessons::unfinished;
