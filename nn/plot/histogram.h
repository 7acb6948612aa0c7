// SPDX-License-Identifier: MIT
// Bins values into a histogram: a layer's activations, gradients, weights.
#pragma once

#include <span>
#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// `bins` equal bins from `low` to `high`; a value on the border of two goes into the upper one,
// `high` itself into the last. Mean and (population) standard deviation are over all finite values,
// those outside included, and absent if there are none. Throws std::invalid_argument unless
// bins >= 1 and low < high.
Histogram histogram(std::string name, std::span<const double> values, double low, double high,
                    int bins);

}  // namespace gradus
