// SPDX-License-Identifier: MIT
// Lesson 20 by the library: what stands in for these functions until they are yours.
#pragma once

#include "lessons/20-positions/given.h"
#include "tensor/ops.h"
#include "tensor/rotary.h"

namespace mine {

inline Variable add_positions(const Variable& x, const Variable& table, Index first) {
    return x + gradus::slice(table, first, first + x.size(1));
}

inline void rotary_tables(Real* cosine, Real* sine, Index T, Index HS, Real base) {
    const gradus::RotaryTable table = gradus::rotary_table(T, HS, base);
    std::copy_n(table.cosine.data(), T * (HS / 2), cosine);
    std::copy_n(table.sine.data(), T * (HS / 2), sine);
}

inline void rotary_forward(Real* y, const Real* x, const Real* cosine, const Real* sine, Index T,
                           Index HS) {
    gradus::ops().rotary_forward(y, x, cosine, sine, {1, T, 1, 1, HS, HS / 2, true});
}

inline void rotary_backward(Real* dx, const Real* dy, const Real* cosine, const Real* sine, Index T,
                            Index HS) {
    gradus::ops().rotary_backward(dx, dy, cosine, sine, {1, T, 1, 1, HS, HS / 2, true});
}

}  // namespace mine
