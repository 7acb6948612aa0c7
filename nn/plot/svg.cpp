// SPDX-License-Identifier: MIT
#include "nn/plot/svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/plot/page.h"
#include "nn/plot/scale.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr double kWidth = 640, kHeight = 320, kLeft = 56, kRight = 16, kTop = 34, kBottom = 44;
constexpr std::size_t kPieces = 300;  // of a long line, two points each

struct Pen {
    const char *colour, *dash;
};
constexpr std::array kPens = {Pen{"#0072B2", ""},     Pen{"#D55E00", "7 3"},
                              Pen{"#009E73", "2 3"},  Pen{"#CC79A7", "9 3 2 3"},
                              Pen{"#E69F00", "12 4"}, Pen{"#56B4E9", "5 2 1 2 1 2"}};

// The scales of a chart and where they lie on the paper.
struct Paper : Scales {
    using Scales::Scales;
    double across(double value) const { return kLeft + x.place(value) * (kWidth - kRight - kLeft); }
    double down(double value) const {
        return kHeight - kBottom - y.place(value) * (kHeight - kBottom - kTop);
    }
};

// The points that can be told apart: of each of kPieces pieces the lowest and the highest, in the
// order in which they come, so that a spike stays.
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
    for (const std::size_t i : thinned(line, paper.y)) {
        if (!paper.drawn(line, i)) {
            drawing = false;
            continue;
        }
        d += fmt::format("{}{:.1f} {:.1f}", drawing ? "L" : "M", paper.across(line.x[i]),
                         paper.down(line.y[i]));
        // A point between two gaps is drawn too: a stroke of no length, with round ends.
        if (!drawing) d += "h0";
        drawing = true;
    }
    return d;
}

}  // namespace

std::string svg(const LineChart& chart) {
    const Paper paper(chart);

    // The style speaks of this picture's own class only, so that a page may hold many.
    std::string out = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" class="line-chart" viewBox="0 0 {} {}" role="img">
<title>{}</title>
<desc>{}</desc>
<style>.line-chart{{font:13px sans-serif}}.line-chart rect{{fill:#fff}}.line-chart text{{fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke}}.line-chart .grid{{stroke:#8884;fill:none}}.line-chart .level{{stroke:#666;stroke-dasharray:1 4;fill:none}}.line-chart .curve{{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}}@media(prefers-color-scheme:dark){{.line-chart rect{{fill:#16181b}}.line-chart text{{fill:#eee;stroke:#16181b}}.line-chart .level{{stroke:#bbb}}}}</style>
<rect width="{}" height="{}"/>
)",
        kWidth, kHeight, html_escape(chart.caption.title),
        html_escape(chart.caption.look_for + " " + chart.caption.wrong), kWidth, kHeight);
    for (const double tick : paper.x.ticks())
        out += fmt::format(
            "<path class=\"grid\" d=\"M{0:.1f} {1}V{2}\"/><text x=\"{0:.1f}\" y=\"{3}\" "
            "text-anchor=\"middle\">{4:.6g}</text>\n",
            paper.across(tick), kTop, kHeight - kBottom, kHeight - kBottom + 16, tick);
    for (const double tick : paper.y.ticks())
        out += fmt::format(
            "<path class=\"grid\" d=\"M{0} {2:.1f}H{1}\"/><text x=\"{3}\" y=\"{4:.1f}\" "
            "text-anchor=\"end\">{5:.3g}</text>\n",
            kLeft, kWidth - kRight, paper.down(tick), kLeft - 6, paper.down(tick) + 4, tick);
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       (kLeft + kWidth - kRight) / 2, kHeight - 8, html_escape(chart.x.name));

    // Names of levels stand at the right above their lines; one too close to the last gives way.
    std::vector<Level> levels = chart.levels;
    std::sort(levels.begin(), levels.end(),
              [](const Level& a, const Level& b) { return a.value > b.value; });
    std::string names;
    double taken = 0;
    for (const auto& level : levels) {
        if (!paper.y.drawn(level.value)) continue;
        const double at = paper.down(level.value), text = std::max(at - 4, taken + 14);
        out += fmt::format("<path class=\"level\" d=\"M{} {:.1f}H{}\"/>\n", kLeft, at,
                           kWidth - kRight);
        names += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                             kWidth - kRight - 4, text, html_escape(level.name));
        taken = text;
    }
    const auto stroke = [](std::size_t i) {
        const Pen& pen = kPens[i % kPens.size()];
        return fmt::format("<path class=\"curve\" stroke=\"{}\" stroke-dasharray=\"{}\"",
                           pen.colour, pen.dash);
    };
    // Each line covers those before it; the names of the levels cover them all.
    for (std::size_t i = 0; i < chart.lines.size(); ++i)
        out += fmt::format("{} d=\"{}\"/>\n", stroke(i), path(chart.lines[i], paper));
    out += names;
    // The legend stands above the axes: the y axis' name, then each line's.
    out += fmt::format("<text x=\"{}\" y=\"16\">{}</text>\n", 4, html_escape(chart.y.name));
    double legend = kWidth - kRight;
    for (std::size_t i = chart.lines.size(); i-- > 0;) {
        const std::string& name = chart.lines[i].name;
        const double room = 6.8 * display_width(name);
        out += fmt::format("{} d=\"M{:.0f} 12h24\"/><text x=\"{:.0f}\" y=\"16\">{}</text>\n",
                           stroke(i), legend - room - 28, legend - room, html_escape(name));
        legend -= room + 44;
    }
    return out + "</svg>\n";
}

}  // namespace gradus
