// SPDX-License-Identifier: MIT
#include "nn/plot/svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/page.h"
#include "nn/plot/svg_parts.h"

namespace gradus {
namespace {

constexpr double kHeight = 320;
constexpr Box kBox = {56, 34, kPaperWidth - 16, kHeight - 44};
constexpr std::size_t kPieces = 300;  // of a long line, two points each

// The points that can be told apart: the lowest and the highest of each of kPieces pieces, in their
// original order, so that spikes survive.
std::vector<std::size_t> thinned(const Line& line, const Scale& y) {
    std::vector<std::size_t> kept;
    const std::size_t n = line.y.size();
    const std::size_t size = n <= 2 * kPieces ? 1 : (n + kPieces - 1) / kPieces;
    for (std::size_t begin = 0; begin < n; begin += size) {
        std::size_t low = n, high = n;
        for (std::size_t i = begin; i < std::min(n, begin + size); ++i) {
            if (!y.drawn(line.y[i])) continue;
            if (low == n || line.y[i] < line.y[low]) low = i;
            if (high == n || line.y[i] > line.y[high]) high = i;
        }
        if (low == n) {
            kept.push_back(begin);  // a gap
            continue;
        }
        kept.push_back(std::min(low, high));
        if (low != high) kept.push_back(std::max(low, high));
    }
    return kept;
}

std::string path(const Line& line, const Paper& paper) {
    std::string d;
    bool drawing = false;  // the pen is down
    for (const std::size_t i : thinned(line, paper.scales.y)) {
        if (!paper.scales.drawn(line, i)) {
            drawing = false;
            continue;
        }
        d += fmt::format("{}{:.1f} {:.1f}", drawing ? "L" : "M", paper.across(line.x[i]),
                         paper.down(line.y[i]));
        // A point between two gaps is drawn too: a stroke of zero length, with round ends.
        if (!drawing) d += "h0";
        drawing = true;
    }
    return d;
}

}  // namespace

std::string svg(const LineChart& chart) {
    const Paper paper{Scales(chart), kBox};
    std::string out =
        svg_begin("line-chart", kPaperWidth, kHeight, chart.caption,
                  "@ .curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}");
    out += svg_axes(paper, chart.x, chart.y);

    // Level names go at the right, above their lines; a name too close to the last moves down.
    std::vector<Level> levels = chart.levels;
    std::sort(levels.begin(), levels.end(),
              [](const Level& a, const Level& b) { return a.value > b.value; });
    std::string names;
    double taken = 0;
    for (const auto& level : levels) {
        if (!paper.scales.y.drawn(level.value)) continue;
        const double at = paper.down(level.value), foot = std::max(at - 4, taken + 14);
        out +=
            fmt::format("<path class=\"level\" d=\"M{} {:.1f}H{}\"/>\n", kBox.left, at, kBox.right);
        names += svg_text(kBox.right - 4, foot, "end", level.name);
        taken = foot;
    }
    const auto stroke = [](std::size_t i) {
        return fmt::format("<path class=\"curve\" stroke=\"{}\" stroke-dasharray=\"{}\"",
                           pen(i).colour, pen(i).dash);
    };
    // Each line covers those before it; the level names cover them all.
    for (std::size_t i = 0; i < chart.lines.size(); ++i)
        out += fmt::format("{} d=\"{}\"/>\n", stroke(i), path(chart.lines[i], paper));
    out += names;
    std::vector<std::string> lines;
    for (const auto& line : chart.lines) lines.push_back(line.name);
    out += svg_legend(lines, 24, [&](std::size_t i, double x) {
        return fmt::format("{} d=\"M{:.0f} 12h24\"/>", stroke(i), x);
    });
    return out + "</svg>\n";
}

}  // namespace gradus
