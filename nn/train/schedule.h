// SPDX-License-Identifier: MIT
// Learning-rate schedules: the learning rate of each step. A schedule is any function of the step.
#pragma once

#include <functional>

#include "tensor/real.h"

namespace gradus {

using Schedule = std::function<double(Index step)>;  // step counts from 0

// Linear warm-up over `warmup` steps, then lr.
struct Constant {
    Index warmup = 0;
    double lr = 1e-3;

    double operator()(Index step) const;
};

// Linear warm-up over `warmup` steps, then half a cosine from lr down to min_lr at step `steps`
// (Loshchilov, Hutter 2017).
struct WarmupCosine {
    Index steps = 1;
    Index warmup = 0;
    double lr = 1e-3;
    double min_lr = 1e-4;

    double operator()(Index step) const;  // step counts from 0
};

// Linear warm-up, then lr, then a decay from lr to min_lr over the last part `cooldown` of all steps
// (WSD: Hu et al. 2024, arXiv:2404.06395). It falls as 1 - sqrt(t), t going from 0 to 1, which ends
// lower than a straight line does (Hägele et al. 2024, arXiv:2405.18392). Unlike a cosine, a run can
// be prolonged from any step before the decay.
struct WarmupStableDecay {
    Index steps = 1;
    Index warmup = 0;
    double lr = 1e-3;
    double min_lr = 1e-4;
    double cooldown = 0.1;  // from 0 to 1

    double operator()(Index step) const;
};

}  // namespace gradus
