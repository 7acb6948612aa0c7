// SPDX-License-Identifier: MIT
// Early stopping: once the validation loss has stopped falling, more training only memorises the
// training data (Prechelt 1998, "Early stopping - but when?").
#pragma once

#include <cmath>
#include <vector>

#include "nn/run/snapshots.h"

namespace gradus {

// True if none of the last `patience` evaluations set a new lowest loss; patience 0: always false.
// A loss that is not finite never counts as a new lowest.
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
