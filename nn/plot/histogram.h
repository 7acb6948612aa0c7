// SPDX-License-Identifier: MIT
// From values to a histogram: activations of a layer, gradients, weights.
#pragma once

#include <span>
#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// `bins` equal bins from `low` to `high`; a value on the border of two goes into the upper one,
// `high` itself into the last. Mean and (population) standard deviation are over all finite values,
// those outside included, and absent if there are none. Throws std::invalid_argument unless there
// is a bin and low < high.
Histogram histogram(std::string name, std::span<const double> values, double low, double high,
                    int bins);

}  // namespace gradus
