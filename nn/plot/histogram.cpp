// SPDX-License-Identifier: MIT
#include "nn/plot/histogram.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"

namespace gradus {

Histogram histogram(std::string name, std::span<const double> values, double low, double high,
                    int bins) {
    require(bins >= 1, "histogram: {} bins, must be 1 or more", bins);
    require(low < high, "histogram: from {} to {}, must rise", low, high);
    Histogram out;
    out.name = std::move(name);
    out.counts.resize(static_cast<std::size_t>(bins));
    double finite = 0, sum = 0, squares = 0;
    for (const double value : values) {
        if (std::isfinite(value)) ++finite, sum += value;
        if (!(value >= low && value <= high)) {
            ++out.outside;
            continue;
        }
        const auto bin = static_cast<int>((value - low) / (high - low) * bins);
        ++out.counts[static_cast<std::size_t>(std::min(bin, bins - 1))];
    }
    if (finite == 0) return out;
    out.mean = sum / finite;
    // A second pass: mean of squares minus square of mean would lose digits to cancellation.
    for (const double value : values)
        if (std::isfinite(value)) squares += (value - *out.mean) * (value - *out.mean);
    out.stddev = std::sqrt(squares / finite);
    return out;
}

}  // namespace gradus
