// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>

#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr double kBarRow = 24, kBar = 16;  // from bar to bar; thickness of a bar
constexpr int kLongestBarLabel = 24;       // characters

}  // namespace

std::string svg(const BarChart& chart) {
    require_drawable(chart);
    double left = 0, right = 0, longest = 0;
    std::vector<std::string> labels, numbers;
    for (std::size_t i = 0; i < chart.labels.size(); ++i) {
        labels.emplace_back(fit_width(chart.labels[i], kLongestBarLabel));
        numbers.push_back(fmt::format("{:.3g}", chart.values[i]));
        left = std::max(left, text_width(labels[i]) + 16);
        right = std::max(right, text_width(numbers[i]) + 16);
        longest = std::max(longest, chart.values[i]);
    }
    const double room = kPaperWidth - left - right;
    const double height = kBarRow * static_cast<double>(labels.size()) + 40;
    std::string out =
        svg_begin("bar-chart", kPaperWidth, height, chart.caption,
                  fmt::format("@ .bar{{fill:{}}}@ .foot{{stroke:#888;fill:none}}", pen(0).colour));
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const double top = 8 + kBarRow * static_cast<double>(i), foot = top + kBar - 3;
        const double length = longest > 0 ? room * chart.values[i] / longest : 0;
        out += fmt::format(
            "<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"/>",
            left, top, length, kBar);
        out += svg_text(left - 8, foot, "end", labels[i]);
        out += svg_text(left + length + 6, foot, "start", numbers[i]);
    }
    out += fmt::format("<path class=\"foot\" d=\"M{:.1f} 4V{:.0f}\"/>\n", left, height - 34);
    out += svg_text(left + room / 2, height - 10, "middle", chart.value_axis);
    return out + "</svg>\n";
}

}  // namespace gradus
