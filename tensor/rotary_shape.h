// SPDX-License-Identifier: MIT
// The sizes of rotary positions. Types only, so that the table of operations may include it.
#pragma once

#include "tensor/real.h"

namespace gradus {

struct RotaryShape {
    Index B, T, all, heads;  // x is (B, T, all, size); the first `heads` vectors of a row rotate
    Index size, half;        // of each, the first 2 half numbers
    bool adjacent;           // pairs 2i and 2i + 1, not i and i + half
    const Index* offset = nullptr;  // (B): the position of each sequence's first row; null: 0
};

}  // namespace gradus
