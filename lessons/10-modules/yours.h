// SPDX-License-Identifier: MIT
// The modules of lesson 10, for the lessons that run on them: those of the learner if they have
// passed, else the solution's.
#pragma once

#include "lessons/10-modules/given.h"

namespace gradus::lessons {

AnyLinear your_linear(Index in, Index out, Initialiser& init);
AnyModule your_net(Index in, Index hidden, Index out, Initialiser& init);

}  // namespace gradus::lessons
