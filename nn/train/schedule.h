// SPDX-License-Identifier: MIT
// Learning-rate schedules: the learning rate of each step.
#pragma once

#include "tensor/real.h"

namespace gradus {

// Linear warm-up over `warmup` steps, then half a cosine from lr down to min_lr at step `steps`
// (Loshchilov, Hutter 2017).
struct WarmupCosine {
    Index steps = 1;
    Index warmup = 0;
    double lr = 1e-3;
    double min_lr = 1e-4;

    double operator()(Index step) const;  // step counts from 0
};

}  // namespace gradus
