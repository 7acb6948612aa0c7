// SPDX-License-Identifier: MIT
// Compiles a learner's file as an answer. GRADUS_ANSWER is its path; the other definitions are
// those of part.h.
#include "lessons/check/part.h"
// The course headers that it includes are those of part.h; they declare nothing in `mine`.
#include GRADUS_ANSWER

#include "lessons/check/enter_mine.inc"
