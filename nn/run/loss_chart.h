// SPDX-License-Identifier: MIT
// A chart of a run's losses and the baselines to compare them with, for the display and for
// report.html.
#pragma once

#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/run_state.h"

namespace gradus {

// Lines with fewer than two points are left out, except the first.
LineChart loss_chart(const RunFacts& facts, const std::vector<Line>& lines);

// The weight of the newest of `count` losses in the smoothed loss that is displayed: a mean over
// about the last 50 losses or, early on, while the loss falls fast, over the last fifth of them.
//     mean += newest_weight(count) * (loss - mean)
double newest_weight(Index count);

}  // namespace gradus
