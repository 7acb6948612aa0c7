// SPDX-License-Identifier: MIT
#include "nn/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gradus {

double Constant::operator()(Index step) const {
    // In double, where the largest Index plus 1 fits.
    if (step < warmup)
        return lr * (static_cast<double>(step) + 1) / (static_cast<double>(warmup) + 1);
    return lr;
}

double WarmupCosine::operator()(Index step) const {
    if (step < warmup) return Constant{warmup, lr}(step);
    if (step >= steps) return min_lr;
    const double part = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return min_lr + (lr - min_lr) * ((1 + std::cos(std::numbers::pi * part)) / 2);
}

double WarmupStableDecay::operator()(Index step) const {
    const double decay = std::round(cooldown * static_cast<double>(steps));
    const bool whole = decay >= static_cast<double>(steps);
    const Index start = std::max(warmup, whole ? 0 : steps - static_cast<Index>(decay));
    if (step < start) return Constant{warmup, lr}(step);
    if (step >= steps) return min_lr;
    const double part = static_cast<double>(step - start) / static_cast<double>(steps - start);
    return min_lr + (lr - min_lr) * (1 - std::sqrt(part));
}

}  // namespace gradus
