// SPDX-License-Identifier: MIT
#include "lessons/20-positions/yours.h"
#include "lessons/check/part.h"

namespace gradus::lessons {

Variable your_add_positions(const Variable& x, const Variable& table, Index first) {
    return lesson_20::part().add_positions(x, table, first);
}

}  // namespace gradus::lessons
