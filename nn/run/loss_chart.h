// SPDX-License-Identifier: MIT
// The losses of a run as a chart, beside what they may be compared with: for the display and for
// report.html.
#pragma once

#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/run_state.h"

namespace gradus {

// Lines that have fewer than two points are left out, but the first.
LineChart loss_chart(const RunFacts& facts, const std::vector<Line>& lines);

// How much the newest of `count` losses weighs in the mean that people are shown: of about the last
// 50, at the beginning, where the loss falls fast, of the last fifth.
//     mean += newest_weight(count) * (loss - mean)
double newest_weight(Index count);

}  // namespace gradus
