// SPDX-License-Identifier: MIT
#include "nn/data/moons.h"

#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace gradus {

LabelledPoints two_moons(std::uint64_t seed, Index N) {
    require(N >= 1, "two_moons: {} points, must be at least 1", N);
    Random random(seed);
    const LabelledPoints moons{Tensor({N, 2}), Tensor({N, 1})};
    for (Index i = 0; i < N; ++i) {
        const bool lower = i % 2 == 1;
        const double angle = std::numbers::pi * random.uniform();
        const double x = std::cos(angle), y = std::sin(angle);
        moons.x.at(i, 0) = Real((lower ? 1 - x : x) + 0.1 * random.normal());
        moons.x.at(i, 1) = Real((lower ? 0.5 - y : y) + 0.1 * random.normal());
        moons.y.at(i, 0) = lower;
    }
    return moons;
}

}  // namespace gradus
