// SPDX-License-Identifier: MIT
#include "bench/compare/roofline.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gradus::bench {
namespace {

constexpr double kWidth = 760, kLeft = 64, kRight = 500, kTop = 56, kBottom = 400;
// Okabe, Ito 2008: distinct to every kind of colour vision.
const char* const kMemoryColours[] = {"#56b4e9", "#0072b2", "#cc79a7"};
constexpr auto kPointColour = "#d55e00", kPeakColour = "#009e73";

// Powers of ten around the values shown.
struct LogAxis {
    double low, high;   // log10
    double begin, end;  // pixels
    double operator()(double x) const {
        return begin + (end - begin) * (std::log10(x) - low) / (high - low);
    }
};

LogAxis axis(std::vector<double> values, double begin, double end) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return {std::floor(std::log10(*least)), std::ceil(std::log10(*most)), begin, end};
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
    return out;
}

std::string text(double x, double y, const std::string& words, const std::string& more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more,
                       escaped(words));
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                       y1, x2, y2, style);
}

std::string grid(const LogAxis& x, const LogAxis& y) {
    std::string svg;
    const auto number = [](double power) { return fmt::format("{:g}", std::pow(10, power)); };
    for (double p = x.low; p <= x.high; ++p) {
        const double at = x(std::pow(10, p));
        svg += line(at, kTop, at, kBottom, "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
        svg += text(at, kBottom + 18, number(p), "text-anchor=\"middle\"");
    }
    for (double p = y.low; p <= y.high; ++p) {
        const double at = y(std::pow(10, p));
        svg += line(kLeft, at, kRight, at, "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
        svg += text(kLeft - 8, at + 4, number(p), "text-anchor=\"end\"");
    }
    svg += text((kLeft + kRight) / 2, kBottom + 38, "floating-point operations per byte",
                "text-anchor=\"middle\"");
    svg += fmt::format(
        "<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">"
        "GFLOP/s</text>\n",
        (kTop + kBottom) / 2);
    return svg;
}

// The slope of one memory, from the left edge to where it meets the peak.
std::string slope(const LogAxis& x, const LogAxis& y, double peak, double bytes_per_second,
                  const std::string& colour) {
    const double left = std::max(std::pow(10, x.low), std::pow(10, y.low) * 1e9 / bytes_per_second);
    const double ridge = peak / bytes_per_second;
    return line(x(left), y(left * bytes_per_second / 1e9), x(ridge), y(peak / 1e9),
                fmt::format("stroke=\"{}\" stroke-width=\"2\"", colour));
}

}  // namespace

std::string roofline_svg(const Roofline& r) {
    std::vector<double> intensities, rates = {r.peak / 1e9};
    for (const auto& p : r.points) {
        intensities.push_back(p.flops / p.bytes);
        rates.push_back(p.flops / p.seconds / 1e9);
    }
    const LogAxis x = axis(intensities, kLeft, kRight), y = axis(rates, kBottom, kTop);
    const double legend = kRight + 24;
    const double height = std::max(
        kBottom + 56, kTop + 22.0 * static_cast<double>(r.points.size() + r.memories.size() + 3));
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" role=\"img\" "
        "aria-label=\"{2}\" font-family=\"sans-serif\" font-size=\"12\" color=\"#222\" "
        "fill=\"currentColor\">\n"
        "<style>@media (prefers-color-scheme: dark) {{ svg {{ color: #ddd; background: #16181c }} "
        "}}</style>\n",
        kWidth, height, escaped(r.title));
    svg += text(kLeft, 26, r.title, "font-size=\"15\" font-weight=\"bold\"");
    svg +=
        text(kLeft, 44,
             "On the roof: as fast as this machine can. Below it: something else is in the way.");
    svg += grid(x, y);
    double at = kTop + 8;
    const auto explain = [&](const std::string& mark, const std::string& words) {
        svg += mark + text(legend + 24, at + 4, words);
        at += 22;
    };
    const auto stroke = [&](const std::string& colour) {
        return line(legend, at, legend + 16, at,
                    fmt::format("stroke=\"{}\" stroke-width=\"2\"", colour));
    };
    svg += line(x(std::min(r.peak / r.memories.front().bytes_per_second, std::pow(10, x.high))),
                y(r.peak / 1e9), kRight, y(r.peak / 1e9),
                fmt::format("stroke=\"{}\" stroke-width=\"2\"", kPeakColour));
    explain(stroke(kPeakColour), fmt::format("multiply-adds: {:.0f} GFLOP/s", r.peak / 1e9));
    for (std::size_t i = 0; i < r.memories.size(); ++i) {
        const auto& memory = r.memories[i];
        const std::string colour = kMemoryColours[i % std::size(kMemoryColours)];
        svg += slope(x, y, r.peak, memory.bytes_per_second, colour);
        explain(stroke(colour),
                fmt::format("{}: {:.0f} GB/s", memory.name, memory.bytes_per_second / 1e9));
    }
    at += 8;
    std::vector<std::pair<double, double>> taken;  // where marks already are
    for (std::size_t i = 0; i < r.points.size(); ++i) {
        const auto& p = r.points[i];
        const auto mark = [&](double cx, double cy) {
            return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"8\" fill=\"{}\"/>\n", cx,
                               cy, kPointColour) +
                   text(cx, cy + 4, std::to_string(i + 1),
                        "text-anchor=\"middle\" font-size=\"10\" fill=\"#fff\"");
        };
        // Marks that would cover each other are placed side by side.
        double at_x = x(p.flops / p.bytes);
        const double at_y = y(p.flops / p.seconds / 1e9);
        for (std::size_t j = 0; j < taken.size(); ++j)
            if (std::hypot(taken[j].first - at_x, taken[j].second - at_y) < 12)
                at_x = taken[j].first - 16;
        taken.emplace_back(at_x, at_y);
        svg += mark(at_x, at_y);
        explain(mark(legend + 8, at), p.name);
    }
    return svg + "</svg>\n";
}

}  // namespace gradus::bench
