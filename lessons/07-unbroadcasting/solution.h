// SPDX-License-Identifier: MIT
// Lesson 07: un-broadcasting.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline Index numbers_in(const std::vector<Index>& shape) {
    Index n = 1;
    for (const Index size : shape) n *= size;
    return n;
}

inline Index source(Index at, const std::vector<Index>& y_shape,
                    const std::vector<Index>& x_shape) {
    const Index axes = static_cast<Index>(y_shape.size());
    const Index missing = axes - static_cast<Index>(x_shape.size());
    Index place = 0, stride = 1;
    for (Index axis = axes - 1; axis >= missing; --axis) {
        const Index index = at % y_shape[axis];
        at /= y_shape[axis];
        const Index size = x_shape[axis - missing];
        if (size != 1) place += index * stride;
        stride *= size;
    }
    return place;
}

inline void broadcast_to(Real* y, const std::vector<Index>& y_shape, const Real* x,
                         const std::vector<Index>& x_shape) {
    for (Index at = 0; at < numbers_in(y_shape); ++at) y[at] = x[source(at, y_shape, x_shape)];
}

inline void sum_to(Real* dx, const std::vector<Index>& x_shape, const Real* dy,
                   const std::vector<Index>& y_shape) {
    for (Index at = 0; at < numbers_in(y_shape); ++at) dx[source(at, y_shape, x_shape)] += dy[at];
}

inline void sum_backward(Real* dx, const Real* dy, Index outer, Index n, Index inner) {
    for (Index o = 0; o < outer; ++o)
        for (Index k = 0; k < n; ++k)
            for (Index i = 0; i < inner; ++i) dx[(o * n + k) * inner + i] += dy[o * inner + i];
}

}  // namespace mine
