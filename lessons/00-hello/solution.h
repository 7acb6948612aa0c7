// SPDX-License-Identifier: MIT
// Lesson 00: hello.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline int alphabet_size() {
    return 26;
}

}  // namespace mine
