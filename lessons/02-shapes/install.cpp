// SPDX-License-Identifier: MIT
// The library broadcasts one axis at a time: a (outer, 1, inner) is read as (outer, n, inner).
#include <limits>

#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_02 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().add_broadcast = [](Real* y, const Real* x, Index outer, Index n, Index inner) {
        const auto steps = part().broadcast_strides({outer, 1, inner}, {outer, n, inner});
        const Index step_o = steps.at(0), step_k = steps.at(1), step_i = steps.at(2);
        for (Index o = 0; o < outer; ++o)
            for (Index k = 0; k < n; ++k)
                for (Index i = 0; i < inner; ++i) {
                    const Index at = o * step_o + k * step_k + i * step_i;
                    // Wrong strides must not read outside of x.
                    const bool inside = at >= 0 && at < outer * inner;
                    *y++ += inside ? x[at] : std::numeric_limits<Real>::quiet_NaN();
                }
    };
});

}  // namespace
}  // namespace gradus::lesson_02
