// SPDX-License-Identifier: MIT
// Compiles a learner's file as an answer. GRADUS_ANSWER is its path; the other definitions are
// those of part.h.
#include "lessons/check/part.h"
// The headers that it includes have been read by now; nothing of the course is declared in `mine`.
#include GRADUS_ANSWER

#include "lessons/check/enter_mine.inc"
