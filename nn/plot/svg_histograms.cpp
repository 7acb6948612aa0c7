// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>

#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr double kHistogramRow = 60;  // from histogram to histogram
constexpr double kBars = 44;          // height of the bars
constexpr double kTop = 8;
constexpr int kLongestName = 24;  // characters

// The text at the right of a histogram, one item per line.
std::vector<std::string> side_lines(const Histogram& row) {
    std::vector<std::string> lines;
    if (row.mean) lines.push_back(fmt::format("mean {:.3g}", *row.mean));
    if (row.stddev) lines.push_back(fmt::format("sd {:.3g}", *row.stddev));
    if (row.outside > 0) lines.push_back(fmt::format("{:.6g} outside", row.outside));
    return lines;
}

// The outline of the bars, from bottom left to bottom right.
std::string outline(const Histogram& row, const Box& box) {
    const double fullest = *std::max_element(row.counts.begin(), row.counts.end());
    const double width = (box.right - box.left) / static_cast<double>(row.counts.size());
    std::string d = fmt::format("M{:.1f} {:.1f}", box.left, box.bottom);
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
        const double part = fullest > 0 ? row.counts[i] / fullest : 0;
        d += fmt::format("V{:.1f}H{:.1f}", box.bottom - part * (box.bottom - box.top),
                         box.left + width * static_cast<double>(i + 1));
    }
    return d + fmt::format("V{:.1f}z", box.bottom);
}

}  // namespace

std::string svg(const Histograms& histograms) {
    require_drawable(histograms);
    double left = 0, right = 0;
    for (const auto& row : histograms.rows) {
        left = std::max(left, text_width(fit_width(row.name, kLongestName)));
        for (const auto& line : side_lines(row)) right = std::max(right, text_width(line));
    }
    left += 20;
    right = kPaperWidth - std::max(24.0, right + 20);
    const double foot = kTop + kHistogramRow * static_cast<double>(histograms.rows.size());
    const Scale scale{histograms.low, histograms.high};
    const auto across = [&](double value) { return left + scale.place(value) * (right - left); };

    std::string out = svg_begin(
        "histograms", kPaperWidth, foot + 48, histograms.caption,
        fmt::format("@ .bars{{fill:{}}}@ .mean{{fill:#222}}"
                    "@media screen and (prefers-color-scheme:dark){{@ .mean{{fill:#eee}}}}",
                    pen(0).colour));
    for (const double tick : scale.ticks())
        out += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.0f}V{:.0f}\"/>", across(tick), kTop,
                           foot) +
               svg_text(across(tick), foot + kLine, "middle", fmt::format("{:.4g}", tick));
    for (std::size_t i = 0; i < histograms.rows.size(); ++i) {
        const Histogram& row = histograms.rows[i];
        const double top = kTop + kHistogramRow * static_cast<double>(i);
        const Box box = {left, top, right, top + kBars};
        out += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", left, box.bottom,
                           right);
        out += fmt::format("<path class=\"bars\" d=\"{}\"/>", outline(row, box));
        if (row.mean && *row.mean >= scale.low && *row.mean <= scale.high)
            out += fmt::format("<path class=\"mean\" d=\"M{:.1f} {:.1f}l5 9h-10z\"/>\n",
                               across(*row.mean), box.bottom + 2);
        out += svg_text(left - 10, top + kBars / 2 + 5, "end", fit_width(row.name, kLongestName));
        double y = top + 12;
        for (const auto& line : side_lines(row)) {
            out += svg_text(right + 10, y, "start", line);
            y += kLine;
        }
    }
    out += svg_text((left + right) / 2, foot + 36, "middle", histograms.value_axis);
    return out + "</svg>\n";
}

}  // namespace gradus
