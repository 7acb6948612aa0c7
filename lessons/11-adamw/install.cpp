// SPDX-License-Identifier: MIT
// The library hands over the corrections 1 - beta^t, the learner's step wants t itself, so it is
// worked out again. Rounding spoils it only where beta^t is so small that the correction is 1. The
// library also scales the gradient (for clipping), which is done here on a copy.
#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_11 {
namespace {

// t with correction = 1 - beta^t; 1,000,000 where the two can no longer be told from 1.
Index step_of(Real beta, Real correction) {
    const double power = 1 - static_cast<double>(correction);
    if (!(beta > 0 && beta < 1 && power > 0)) return 1'000'000;
    return std::max<Index>(1, std::lround(std::log(power) / std::log(static_cast<double>(beta))));
}

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().adamw_step = [](Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2,
                          Real eps, Real decay, Real correction1, Real correction2, Real grad_scale,
                          Index n) {
        std::vector<Real> scaled;
        if (grad_scale != 1) {
            scaled.assign(g, g + n);
            for (auto& x : scaled) x *= grad_scale;
            g = scaled.data();
        }
        // The larger beta forgets later and tells t for longer.
        const Index t = beta2 > beta1 ? step_of(beta2, correction2) : step_of(beta1, correction1);
        lessons::in_parts(n, 16384, [&](Index begin, Index end) {
            part().adamw_step(w + begin, g + begin, m + begin, v + begin, lr, beta1, beta2, eps,
                              decay, t, end - begin);
        });
    };
});

}  // namespace
}  // namespace gradus::lesson_11
