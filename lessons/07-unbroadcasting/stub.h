// SPDX-License-Identifier: MIT
// Lesson 07: un-broadcasting. The text is lessons/07-unbroadcasting/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 07
//
// x_shape can always be broadcast (stretched) to y_shape: aligned at the last axis, each size of x
// is that of y or 1, and x may have fewer axes, down to none. Arrays lie row after row, as in
// lesson 02.
#pragma once

#include "lessons/learn.h"

namespace mine {

// How many numbers an array of this shape holds; 1 for the shape (). This one is done.
inline Index numbers_in(const std::vector<Index>& shape) {
    Index n = 1;
    for (const Index size : shape) n *= size;
    return n;
}

// y of y_shape is x of x_shape, broadcast. Which number of x is y[at] a copy of? Returns its place
// in x.
inline Index source(Index at, const std::vector<Index>& y_shape,
                    const std::vector<Index>& x_shape) {
    unfinished("source");  // TODO: walk over the axes, the last one first
}

// Fan out: each number of y becomes its copy of x. y holds anything when you get it.
inline void broadcast_to(Real* y, const std::vector<Index>& y_shape, const Real* x,
                         const std::vector<Index>& x_shape) {
    unfinished("broadcast_to");  // TODO: source, once for each number of y
}

// Fan in: each number of dy is added (+=) to that number of dx which its y was a copy of.
inline void sum_to(Real* dx, const std::vector<Index>& x_shape, const Real* dy,
                   const std::vector<Index>& y_shape) {
    unfinished("sum_to");  // TODO
}

// The gradient of sum_forward of lesson 03, where y (outer,inner) was the sum of x (outer,n,inner)
// over its middle axis. Adds (+=) to dx (outer,n,inner). Element (o,k,i) of dx lies at
// [(o * n + k) * inner + i].
inline void sum_backward(Real* dx, const Real* dy, Index outer, Index n, Index inner) {
    unfinished("sum_backward");  // TODO
}

}  // namespace mine
