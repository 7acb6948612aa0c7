// SPDX-License-Identifier: MIT
#include "nn/plot/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nn/plot/page.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

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

// From a number to a place on the paper.
struct Scale {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    bool log = false;
    double from = 0, to = 1;

    bool drawn(double v) const { return std::isfinite(v) && (!log || v > 0); }
    void include(double v) {
        if (!drawn(v)) return;
        low = std::min(low, v);
        high = std::max(high, v);
    }
    void widen_if_flat() {
        if (low < high) return;
        const double step = low != 0 ? std::abs(low) / 2 : 1;
        low = log ? low / 2 : low - step;
        high = log ? high * 2 : high + step;
    }
    double place(double v) const {
        const double part =
            log ? std::log(v / low) / std::log(high / low) : (v - low) / (high - low);
        return from + part * (to - from);
    }
    // About five round numbers: 1, 2 or 5 times a power of ten, or the powers themselves. A log
    // axis that spans less than a decade has steps like a linear one.
    std::vector<double> ticks() const {
        std::vector<double> list;
        if (log && high / low >= 10) {
            const double decades = std::log10(high / low),
                         step = std::max(1.0, std::ceil(decades / 5));
            for (double e = std::ceil(std::log10(low)); std::pow(10, e) <= high; e += step)
                list.push_back(std::pow(10, e));
            return list;
        }
        const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
        const double mantissa = rough / power;
        const double step = power * (mantissa > 5 ? 10 : mantissa > 2 ? 5 : mantissa > 1 ? 2 : 1);
        // Counted, for above 2^53 steps adding one to a double changes nothing.
        const double first = std::ceil(low / step) * step;
        for (int k = 0; k <= 6 && first + k * step <= high + step * 1e-9; ++k)
            list.push_back(std::abs(first + k * step) < step / 2 ? 0 : first + k * step);
        return list;
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

std::string path(const Line& line, const Scale& x, const Scale& y) {
    std::string d;
    bool down = false;  // the pen
    for (const std::size_t i : thinned(line, y)) {
        if (!x.drawn(line.x[i]) || !y.drawn(line.y[i])) {
            down = false;
            continue;
        }
        d += fmt::format("{}{:.1f} {:.1f}", down ? "L" : "M", x.place(line.x[i]),
                         y.place(line.y[i]));
        // A point between two gaps is drawn too: a stroke of no length, with round ends.
        if (!down) d += "h0";
        down = true;
    }
    return d;
}

}  // namespace

std::string svg(const LineChart& chart) {
    Scale x{.log = chart.x.log, .from = kLeft, .to = kWidth - kRight};
    Scale y{.log = chart.y.log, .from = kHeight - kBottom, .to = kTop};
    for (const auto& line : chart.lines) {
        require(line.x.size() == line.y.size(), "line chart: \"{}\" has {} x and {} y", line.name,
                line.x.size(), line.y.size());
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (!x.drawn(line.x[i]) || !y.drawn(line.y[i])) continue;
            x.include(line.x[i]);
            y.include(line.y[i]);
        }
    }
    require(x.low <= x.high, "line chart: there is no number to draw");
    for (const auto& level : chart.levels) y.include(level.value);
    x.widen_if_flat();
    y.widen_if_flat();

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
    for (const double tick : x.ticks())
        out += fmt::format(
            "<path class=\"grid\" d=\"M{0:.1f} {1}V{2}\"/><text x=\"{0:.1f}\" y=\"{3}\" "
            "text-anchor=\"middle\">{4:.6g}</text>\n",
            x.place(tick), kTop, kHeight - kBottom, kHeight - kBottom + 16, tick);
    for (const double tick : y.ticks())
        out += fmt::format(
            "<path class=\"grid\" d=\"M{0} {2:.1f}H{1}\"/><text x=\"{3}\" y=\"{4:.1f}\" "
            "text-anchor=\"end\">{5:.3g}</text>\n",
            kLeft, kWidth - kRight, y.place(tick), kLeft - 6, y.place(tick) + 4, tick);
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       (kLeft + kWidth - kRight) / 2, kHeight - 8, html_escape(chart.x.name));

    // Names of levels stand at the right above their lines; one too close to the last gives way.
    std::vector<Level> levels = chart.levels;
    std::sort(levels.begin(), levels.end(),
              [](const Level& a, const Level& b) { return a.value > b.value; });
    std::string names;
    double taken = 0;
    for (const auto& level : levels) {
        if (!y.drawn(level.value)) continue;
        const double at = y.place(level.value), text = std::max(at - 4, taken + 14);
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
        out += fmt::format("{} d=\"{}\"/>\n", stroke(i), path(chart.lines[i], x, y));
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
