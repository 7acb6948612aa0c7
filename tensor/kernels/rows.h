// SPDX-License-Identifier: MIT
// Passes over one row, the building blocks of softmax, cross-entropy, layer norm and attention.
#pragma once

#include "tensor/kernels/simd.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

constexpr Real kMinusInfinity = -static_cast<Real>(__builtin_inf());

inline Real log(Real x) {
    return static_cast<Real>(sizeof(Real) == 4 ? __builtin_logf(static_cast<float>(x))
                                               : __builtin_log(x));
}

template <class Body>
GRADUS_INLINE void each_in_row(Index n, Body body) {
    Index i = 0;
    for (; i + kLanes <= n; i += kLanes) body(i, kLanes);
    if (i < n) body(i, n - i);
}

// The largest value of the row. A NaN may be lost here, but exp_row() propagates it.
inline Real row_max(const Real* x, Index n) {
    Vec best = splat(kMinusInfinity);
    each_in_row(n, [&](Index i, Index w) { best = max(best, load(x + i, w, kMinusInfinity)); });
    return horizontal_max(best);
}

// y = exp(x - shift), shift >= x; returns the sum of y.
inline Real exp_row(Real* y, const Real* x, Index n, Real shift) {
    Vec sum{};
    each_in_row(n, [&](Index i, Index w) {
        const Vec e = exp_below(load(x + i, w, kMinusInfinity) - shift);
        store(y + i, e, w);
        sum += e;
    });
    return horizontal_sum(sum);
}

// The sum of term(i, w) over the vectors of a row. Uses four chains of additions instead of one: an
// addition takes 3 to 5 cycles, and two can start in every cycle.
template <class Term>
Real sum_row(Index n, Term term) {
    Vec sums[4] = {};
    Index i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes)
        for (Index j = 0; j < 4; ++j) sums[j] += term(i + j * kLanes, kLanes);
    for (; i + kLanes <= n; i += kLanes) sums[0] += term(i, kLanes);
    if (i < n) sums[1] += term(i, n - i);
    return horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

inline Real row_sum(const Real* x, Index n) {
    return sum_row(n, [=](Index i, Index w) { return load(x + i, w); });
}

inline Real row_dot(const Real* a, const Real* b, Index n) {
    return sum_row(n, [=](Index i, Index w) { return load(a + i, w) * load(b + i, w); });
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
