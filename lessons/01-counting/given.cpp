// SPDX-License-Identifier: MIT
#include "lessons/01-counting/yours.h"
#include "lessons/check/part.h"

namespace gradus::lessons {

Index your_sample_row(const Real* row, Index V, Real u) {
    return lesson_01::part().sample_row(row, V, u);
}

}  // namespace gradus::lessons
