// SPDX-License-Identifier: MIT
#include "nn/train/schedule.h"

#include <cmath>
#include <numbers>

namespace gradus {

double WarmupCosine::operator()(Index step) const {
    if (step < warmup) return lr * static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
    if (step >= steps) return min_lr;
    const double part = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return min_lr + (lr - min_lr) * (1 + std::cos(std::numbers::pi * part)) / 2;
}

}  // namespace gradus
