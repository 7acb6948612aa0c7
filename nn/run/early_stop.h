// SPDX-License-Identifier: MIT
// Early stopping: training on after the validation loss has stopped falling only learns the
// training data by heart (Prechelt 1998, "Early stopping - but when?").
#pragma once

#include <cmath>
#include <vector>

#include "nn/run/snapshots.h"

namespace gradus {

// Are the last `patience` evaluations all above the lowest one? patience 0: never. Evaluations that
// are not finite count as above.
inline bool out_of_patience(const std::vector<Snapshot>& evaluations, Index patience) {
    Index since_best = 0;
    double best = INFINITY;
    for (const Snapshot& evaluation : evaluations) {
        ++since_best;
        if (evaluation.val < best) best = evaluation.val, since_best = 0;
    }
    return patience > 0 && since_best >= patience;
}

}  // namespace gradus
