// SPDX-License-Identifier: MIT
// Lesson 20: where am I?
#pragma once

#include "lessons/20-positions/given.h"

namespace mine {

inline Variable add_positions(const Variable& x, const Variable& table, Index first) {
    const Index T = x.size(1);
    return x + slice(table, first, first + T);
}

inline void rotary_tables(Real* cosine, Real* sine, Index T, Index HS, Real base) {
    const Index pairs = HS / 2;
    for (Index t = 0; t < T; ++t)
        for (Index i = 0; i < pairs; ++i) {
            const Real power = static_cast<Real>(2 * i) / static_cast<Real>(HS);
            const Real angle = static_cast<Real>(t) / std::pow(base, power);
            cosine[t * pairs + i] = std::cos(angle);
            sine[t * pairs + i] = std::sin(angle);
        }
}

inline void rotary_forward(Real* y, const Real* x, const Real* cosine, const Real* sine, Index T,
                           Index HS) {
    const Index pairs = HS / 2;
    for (Index t = 0; t < T; ++t)
        for (Index i = 0; i < pairs; ++i) {
            const Real c = cosine[t * pairs + i], s = sine[t * pairs + i];
            const Index at = t * HS + 2 * i;
            y[at] = x[at] * c - x[at + 1] * s;
            y[at + 1] = x[at] * s + x[at + 1] * c;
        }
}

inline void rotary_backward(Real* dx, const Real* dy, const Real* cosine, const Real* sine, Index T,
                            Index HS) {
    const Index pairs = HS / 2;
    for (Index t = 0; t < T; ++t)
        for (Index i = 0; i < pairs; ++i) {
            const Real c = cosine[t * pairs + i], s = sine[t * pairs + i];
            const Index at = t * HS + 2 * i;
            dx[at] += dy[at] * c + dy[at + 1] * s;
            dx[at + 1] += dy[at + 1] * c - dy[at] * s;
        }
}

}  // namespace mine
