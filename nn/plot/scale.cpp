// SPDX-License-Identifier: MIT
#include "nn/plot/scale.h"

#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Powers of ten or, over less than about three of them, 1, 2 and 5 times each: nearly even steps.
std::vector<double> logarithmic_ticks(double low, double high) {
    std::vector<double> list;
    const double first = std::floor(std::log10(low)), last = std::floor(std::log10(high) + 1e-9);
    const double step = std::max(1.0, std::ceil((last - first) / 5));
    const bool few = last - first < 3;
    for (double e = first; e <= last; e += step)
        for (const double part : {1, 2, 5}) {
            const double tick = part * std::pow(10, e);
            if ((few || part == 1) && low <= tick && tick <= high) list.push_back(tick);
        }
    return list;
}

}  // namespace

bool Scale::drawn(double value) const {
    return std::isfinite(value) && (!log || value > 0);
}

void Scale::include(double value) {
    if (!drawn(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
}

void Scale::widen_if_flat() {
    if (low < high) return;
    const double step = low != 0 ? std::abs(low) / 2 : 1;
    low = log ? low / 2 : low - step;
    high = log ? high * 2 : high + step;
}

double Scale::place(double value) const {
    return log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

double Scale::at(double place) const {
    return log ? low * std::pow(high / low, place) : low + place * (high - low);
}

std::vector<double> Scale::ticks() const {
    if (log)
        if (auto list = logarithmic_ticks(low, high); list.size() >= 3) return list;
    std::vector<double> list;
    const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
    const double mantissa = rough / power;
    const double step = power * (mantissa > 5 ? 10 : mantissa > 2 ? 5 : mantissa > 1 ? 2 : 1);
    // Counted by k: beyond 2^53 steps, adding one more to a double would change nothing.
    const double first = std::ceil(low / step) * step;
    for (int k = 0; k <= 6 && first + k * step <= high + step * 1e-9; ++k)
        list.push_back(std::abs(first + k * step) < step / 2 ? 0 : first + k * step);
    return list;
}

Scales::Scales(const LineChart& chart) : x{.log = chart.x.log}, y{.log = chart.y.log} {
    for (const auto& line : chart.lines) {
        require(line.x.size() == line.y.size(), "line chart: \"{}\" has {} x and {} y", line.name,
                line.x.size(), line.y.size());
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (!drawn(line, i)) continue;
            x.include(line.x[i]);
            y.include(line.y[i]);
        }
    }
    require(x.low <= x.high, "line chart: there is no number to draw");
    for (const auto& level : chart.levels) y.include(level.value);
    x.widen_if_flat();
    y.widen_if_flat();
}

Scales::Scales(const Scatter& scatter) : x{.log = scatter.x.log}, y{.log = scatter.y.log} {
    for (const auto& group : scatter.groups) {
        require_drawable(group, "scatter");
        for (std::size_t i = 0; i < group.x.size(); ++i) {
            if (!drawn(group, i)) continue;
            x.include(group.x[i]);
            y.include(group.y[i]);
        }
    }
    require(x.low <= x.high, "scatter: there is no point to draw");
    x.widen_if_flat();
    y.widen_if_flat();
}

std::vector<std::string> short_numbers(const std::vector<double>& values) {
    std::vector<std::string> texts(values.size());
    for (int digits = 3; digits <= 7; ++digits) {
        bool apart = true;
        for (std::size_t i = 0; i < values.size(); ++i) {
            texts[i] = fmt::format("{:.{}g}", values[i], digits);
            if (i > 0 && values[i] != values[i - 1]) apart = apart && texts[i] != texts[i - 1];
        }
        if (apart) break;
    }
    return texts;
}

std::string range_text(const std::string& axis, double low, double high) {
    const auto ends = short_numbers({low, high});
    return fmt::format("{} from {} to {}", axis, ends[0], ends[1]);
}

}  // namespace gradus
