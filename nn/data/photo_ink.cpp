// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/data/photo_ink_parts.h"

namespace gradus {
namespace {

constexpr std::size_t kPaperFactor = 4;  // the paper is estimated on means of 4 x 4
// Radius of the window in which some paper must show, as a fraction of the longer side: wider than
// half the widest pen, a seventh of a digit that fills the page.
constexpr double kPaperWindow = 1.0 / 9;

Channel transposed(const Channel& plane) {
    Channel out(plane.height, plane.width);
    for (std::size_t y = 0; y < plane.height; ++y)
        for (std::size_t x = 0; x < plane.width; ++x) out.at(y, x) = plane.at(x, y);
    return out;
}

// Along the rows: the largest value within `radius` (van Herk 1992: three comparisons per value,
// whatever the radius, from running maxima forwards and backwards in blocks of the window's size).
Channel row_maxima(const Channel& plane, std::size_t radius) {
    const std::size_t window = 2 * radius + 1, n = plane.width;
    const std::size_t padded = (n + 2 * radius + window - 1) / window * window;
    constexpr float kNone = -std::numeric_limits<float>::infinity();
    std::vector<float> forward(padded), backward(padded);
    Channel out(n, plane.height);
    for (std::size_t y = 0; y < plane.height; ++y) {
        const auto value = [&](std::size_t i) {
            return i >= radius && i - radius < n ? plane.at(i - radius, y) : kNone;
        };
        for (std::size_t i = 0; i < padded; ++i)
            forward[i] = i % window == 0 ? value(i) : std::max(forward[i - 1], value(i));
        for (std::size_t i = padded; i-- > 0;)
            backward[i] = i % window == window - 1 ? value(i) : std::max(backward[i + 1], value(i));
        for (std::size_t x = 0; x < n; ++x)
            out.at(x, y) = std::max(backward[x], forward[x + window - 1]);
    }
    return out;
}

Channel maxima(const Channel& plane, std::size_t radius) {
    return transposed(row_maxima(transposed(row_maxima(plane, radius)), radius));
}

Channel negated(Channel plane) {
    for (float& value : plane.values) value = -value;
    return plane;
}

// Means of 1 2 1, along the rows and then the columns.
Channel smoothed(Channel plane) {
    for (int pass = 0; pass < 2; ++pass) {
        Channel out(plane.width, plane.height);
        for (std::size_t y = 0; y < plane.height; ++y)
            for (std::size_t x = 0; x < plane.width; ++x)
                out.at(x, y) = (plane.at(x > 0 ? x - 1 : x, y) + 2 * plane.at(x, y) +
                                plane.at(std::min(x + 1, plane.width - 1), y)) /
                               4;
        plane = transposed(out);
    }
    return plane;
}

Channel means(const Channel& plane, std::size_t factor) {
    Channel out((plane.width + factor - 1) / factor, (plane.height + factor - 1) / factor);
    Channel counts(out.width, out.height);
    for (std::size_t y = 0; y < plane.height; ++y)
        for (std::size_t x = 0; x < plane.width; ++x) {
            out.at(x / factor, y / factor) += plane.at(x, y);
            counts.at(x / factor, y / factor) += 1;
        }
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] /= counts.values[i];
    return out;
}

float median(std::vector<float> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

float Channel::between(double x, double y) const {
    x = std::clamp(x, 0.0, static_cast<double>(width - 1));
    y = std::clamp(y, 0.0, static_cast<double>(height - 1));
    const auto x0 = static_cast<std::size_t>(x), y0 = static_cast<std::size_t>(y);
    const std::size_t x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
    const auto u = static_cast<float>(x - static_cast<double>(x0));
    const auto v = static_cast<float>(y - static_cast<double>(y0));
    return (1 - v) * ((1 - u) * at(x0, y0) + u * at(x1, y0)) +
           v * ((1 - u) * at(x0, y1) + u * at(x1, y1));
}

Channel shrunk(const Pixels& photo, std::size_t factor) {
    Channel out((photo.width + factor - 1) / factor, (photo.height + factor - 1) / factor);
    std::vector<std::uint32_t> sums(out.width);
    for (std::size_t row = 0; row < out.height; ++row) {
        std::fill(sums.begin(), sums.end(), 0u);
        const std::size_t begin = row * factor, end = std::min(begin + factor, photo.height);
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint8_t* bytes = &photo.bytes[y * photo.width];
            for (std::size_t column = 0; column < out.width; ++column) {
                const std::size_t last = std::min((column + 1) * factor, photo.width);
                for (std::size_t x = column * factor; x < last; ++x) sums[column] += bytes[x];
            }
        }
        for (std::size_t column = 0; column < out.width; ++column) {
            const std::size_t wide = std::min(factor, photo.width - column * factor);
            out.at(column, row) = static_cast<float>(sums[column]) /
                                  (255.0f * static_cast<float>(wide * (end - begin)));
        }
    }
    return out;
}

Ink ink_of(const Channel& photo) {
    // A closing: the brightest value nearby, then the darkest of those. It removes what is dark and
    // narrower than the window, and leaves shadows, which are wider, as they are.
    const Channel coarse = means(photo, kPaperFactor);
    const auto radius = static_cast<std::size_t>(
        std::ceil(kPaperWindow * static_cast<double>(std::max(coarse.width, coarse.height))));
    const Channel paper =
        smoothed(negated(maxima(negated(maxima(smoothed(coarse), radius)), radius)));

    Ink ink{smoothed(photo), 0};
    Channel& plane = ink.plane;
    for (std::size_t y = 0; y < plane.height; ++y)
        for (std::size_t x = 0; x < plane.width; ++x) {
            const auto coarsely = [](std::size_t i) {
                return (static_cast<double>(i) + 0.5) / kPaperFactor - 0.5;
            };
            const float white = paper.between(coarsely(x), coarsely(y));
            plane.at(x, y) = 1 - plane.at(x, y) / std::max(white, 0.02f);
        }
    const float bare = median(plane.values);
    std::vector<float> away;
    for (float& value : plane.values) {
        value -= bare;
        away.push_back(std::abs(value));
    }
    ink.noise = 1.4826 * static_cast<double>(median(away));  // of a normal distribution
    return ink;
}

double split(const Channel& ink, double least) {
    constexpr int kBins = 64;
    std::vector<double> counts(kBins);
    double n = 0, sum = 0;
    for (const float value : ink.values) {
        const double part = (static_cast<double>(value) - least) / (1 - least);
        if (part <= 0) continue;
        const int bin = std::min(kBins - 1, static_cast<int>(part * kBins));
        counts[static_cast<std::size_t>(bin)] += 1;
        n += 1, sum += bin;
    }
    double below = 0, sum_below = 0, best = -1, best_bin = 0;
    for (int bin = 0; bin < kBins; ++bin) {
        below += counts[static_cast<std::size_t>(bin)];
        sum_below += bin * counts[static_cast<std::size_t>(bin)];
        if (below == 0 || below == n) continue;
        const double apart = sum_below / below - (sum - sum_below) / (n - below);
        const double between = below * (n - below) * apart * apart;
        if (between > best) best = between, best_bin = bin;
    }
    return least + (best_bin + 1) / kBins * (1 - least);
}

Channel distance_to_empty(const Channel& plane) {
    // One dimension after the other: the lower envelope of the parabolas (x - i)^2 + f(i).
    constexpr float kFar = 1e12f;
    Channel squares = plane;
    for (float& value : squares.values) value = value > 0 ? kFar : 0;
    for (int pass = 0; pass < 2; ++pass) {
        const std::size_t n = squares.width;
        std::vector<std::size_t> lowest(n);
        std::vector<double> begin(n + 1);
        Channel out(n, squares.height);
        for (std::size_t y = 0; y < squares.height; ++y) {
            const auto f = [&](std::size_t i) { return static_cast<double>(squares.at(i, y)); };
            std::size_t last = 0;
            lowest[0] = 0, begin[0] = -1, begin[1] = 1e9;
            for (std::size_t i = 1; i < n; ++i) {
                double from = 0;
                for (;;) {
                    const auto a = static_cast<double>(lowest[last]), b = static_cast<double>(i);
                    from = (f(i) + b * b - f(lowest[last]) - a * a) / (2 * (b - a));
                    if (from > begin[last] || last == 0) break;
                    --last;
                }
                if (from <= begin[last]) {
                    lowest[last] = i;
                } else {
                    lowest[++last] = i;
                    begin[last] = from;
                }
                begin[last + 1] = 1e9;
            }
            last = 0;
            for (std::size_t x = 0; x < n; ++x) {
                const auto at = static_cast<double>(x);
                while (begin[last + 1] < at) ++last;
                const double away = at - static_cast<double>(lowest[last]);
                out.at(x, y) = static_cast<float>(std::min(1e12, away * away + f(lowest[last])));
            }
        }
        squares = transposed(out);
    }
    for (float& value : squares.values) value = std::sqrt(value);
    return squares;
}

}  // namespace gradus
