// SPDX-License-Identifier: MIT
// A learner's file as an answer: the only place where it is compiled. GRADUS_ANSWER is its path;
// the other definitions are those of part.h.
#include "lessons/check/part.h"
// The learner's own include is the same file; nothing of the course has a name in `mine`.
#include GRADUS_ANSWER

#include "lessons/check/enter_mine.inc"
