// SPDX-License-Identifier: MIT
// Bins values, such as a layer's activations, gradients or weights, into a histogram.
#pragma once

#include <span>
#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// `bins` equal bins from `low` to `high`; a value on the border between two goes into the upper
// one, `high` itself into the last. The mean and the (population) standard deviation are those of
// all finite values, including values outside the bins, and absent if there are none. Throws
// std::invalid_argument unless bins >= 1 and low < high.
Histogram histogram(std::string name, std::span<const double> values, double low, double high,
                    int bins);

}  // namespace gradus
