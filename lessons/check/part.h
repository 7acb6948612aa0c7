// SPDX-License-Identifier: MIT
// The part of a lesson: a table of the functions that its learner writes. One line of the lesson's
// part.inc,
//
//     PART(void, softmax_forward, (Real* y, const Real* x, Index rows, Index cols))
//
// is one entry. The check, the demo and the library call these entries, never a function by name,
// so that the learner's functions, the solution's and those of every typical mistake (a "mutant")
// are interchangeable. Compiled once per lesson, with GRADUS_LESSON = lesson_03,
// GRADUS_LESSON_NAME = "03-matmul", GRADUS_PART = the path of part.inc and, if the lesson provides
// types of its own, GRADUS_GIVEN = the path of given.h.
#pragma once

#include "lessons/check/function.h"
#ifndef GRADUS_MANY_PARTS  // else each is included before what needs it (lessons/CMakeLists.txt)
#include "lessons/check/part.inc"
#endif
