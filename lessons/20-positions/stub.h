// SPDX-License-Identifier: MIT
// Lesson 20: where am I? The text is lessons/20-positions/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 20
#pragma once

#include "lessons/20-positions/given.h"

namespace mine {

// Each place of each sequence plus the row of its position: place t is at position first + t.
// x: (B, T, C), table: (P, C) with P >= first + T -> (B, T, C)
inline Variable add_positions(const Variable& x, const Variable& table, Index first) {
    unfinished("add_positions");  // TODO: a slice of the table, and a sum
}

// The cosine and the sine of all angles: pair i at position t turns by t times base^(-2 i / HS), in
// radians. HS is even.   cosine, sine: (T, HS / 2); position t and pair i are at
// [t * (HS / 2) + i]. Both are overwritten.
inline void rotary_tables(Real* cosine, Real* sine, Index T, Index HS, Real base) {
    unfinished("rotary_tables");  // TODO
}

// Row t of y is row t of x with each of its pairs turned: numbers 2 i and 2 i + 1, the point that
// they are, go counter-clockwise by the angle of position t and pair i.
// x, y: (T, HS), cosine, sine: (T, HS / 2). y is overwritten.
inline void rotary_forward(Real* y, const Real* x, const Real* cosine, const Real* sine, Index T,
                           Index HS) {
    unfinished("rotary_forward");  // TODO
}

// The gradient, added to dx (T, HS).   dy: (T, HS), cosine, sine: (T, HS / 2)
inline void rotary_backward(Real* dx, const Real* dy, const Real* cosine, const Real* sine, Index T,
                            Index HS) {
    unfinished("rotary_backward");  // TODO
}

}  // namespace mine
