// SPDX-License-Identifier: MIT
// The decision boundary of a classifier: coloured cells, the border between the classes, the
// points.
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"

namespace gradus {
namespace {

constexpr std::size_t kBeside = 3;    // frames of a film, side by side
constexpr double kFilmGap = 12;       // between frames
constexpr double kSmallPoints = 0.6;  // scale of the points in a film

// Along the sides of the cells, wherever the more probable class changes.
std::string border(const Boundary& boundary, const BoundaryFrame& frame, const Box& box) {
    const auto second = [&](std::size_t row, std::size_t column) {
        return frame.values[row * boundary.columns + column] > 0.5;
    };
    const double wide = (box.right - box.left) / static_cast<double>(boundary.columns);
    const double high = (box.bottom - box.top) / static_cast<double>(boundary.rows);
    std::string d;
    for (std::size_t r = 0; r < boundary.rows; ++r) {
        for (std::size_t c = 0; c < boundary.columns; ++c) {
            const double x = box.left + wide * static_cast<double>(c);
            const double y = box.top + high * static_cast<double>(r);
            if (c > 0 && second(r, c) != second(r, c - 1))
                d += fmt::format("M{:.1f} {:.1f}v{:.1f}", x, y, high);
            if (r > 0 && second(r, c) != second(r - 1, c))
                d += fmt::format("M{:.1f} {:.1f}h{:.1f}", x, y, wide);
        }
    }
    return fmt::format("<path class=\"border\" d=\"{}\"/>\n", d);
}

// The plane without its points.
std::string svg_panel(const Boundary& boundary, const BoundaryFrame& frame, const Box& box) {
    std::vector<int> tones;
    for (const double value : frame.values) tones.push_back(tone(value));
    return svg_cells(tones, boundary.columns, signed_ramp(), box) + border(boundary, frame, box);
}

std::string points(const Boundary& boundary, const Box& box) {
    const Paper paper{
        {Scale{boundary.x_low, boundary.x_high}, Scale{boundary.y_low, boundary.y_high}}, box};
    std::string out;
    for (std::size_t i = 0; i < boundary.classes.size(); ++i)
        out += svg_points(boundary.classes[i], i, paper);
    return out;
}

// An id for a group drawn more than once, made from its content (FNV-1a): a page may hold several
// films, and if two ids were equal, the first film's points would be drawn in both.
std::string name_of(const std::string& content) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return fmt::format("points-{:016x}", hash);
}

}  // namespace

std::string svg(const Boundary& boundary) {
    require_drawable(boundary);
    const std::size_t frames = boundary.frames.size();
    const double shape = static_cast<double>(boundary.rows) / static_cast<double>(boundary.columns);
    // The cells are just as light in the dark scheme, so the rims of the points stay light too.
    const std::string style =
        std::string(kPointStyle) +
        "@ .rim{stroke:#fff}@ .border{stroke:#000;stroke-width:1.5;stroke-linecap:square}";
    std::string body;
    double height = 0;
    if (frames == 1) {
        Box box = {56, 34, kPaperWidth - 16, 0};
        box.bottom = box.top + (box.right - box.left) * shape;
        height = box.bottom + 44;
        const Scales scales(Scale{boundary.x_low, boundary.x_high},
                            Scale{boundary.y_low, boundary.y_high});
        body = svg_axes({scales, box}, {boundary.x_axis}, {boundary.y_axis}) +
               svg_panel(boundary, boundary.frames[0], box) + points(boundary, box);
    } else {
        const std::size_t beside = std::min(frames, kBeside);
        const double wide = (kPaperWidth + kFilmGap - 32) / static_cast<double>(beside) - kFilmGap;
        const double high = wide * shape;
        // Drawn once for all frames, on larger paper that is then scaled down: smaller points.
        const std::string all = points(boundary, {0, 0, wide / kSmallPoints, high / kSmallPoints});
        const std::string name = name_of(all);
        body = fmt::format("<defs><g id=\"{}\">{}</g></defs>\n", name, all);
        for (std::size_t i = 0; i < frames; ++i) {
            const double left = 16 + (wide + kFilmGap) * static_cast<double>(i % beside);
            const double top = 46 + (high + kFilmGap + kLine) * static_cast<double>(i / beside);
            body += svg_text(left, top - 6, "start", boundary.frames[i].name);
            body += svg_panel(boundary, boundary.frames[i], {left, top, left + wide, top + high});
            body += fmt::format(
                "<use href=\"#{}\" transform=\"translate({:.1f} {:.1f}) scale({})\"/>\n", name,
                left, top, kSmallPoints);
            height = top + high + 36;
        }
        body += svg_text(kPaperWidth / 2, height - 12, "middle",
                         range_text(boundary.x_axis, boundary.x_low, boundary.x_high) + ", " +
                             range_text(boundary.y_axis, boundary.y_low, boundary.y_high));
    }
    return svg_begin("boundary", kPaperWidth, height, boundary.caption, style) + body +
           svg_legend({boundary.classes[0].name, boundary.classes[1].name}, 12,
                      [](std::size_t i, double x) { return svg_mark(i, x + 6, 12); }) +
           "</svg>\n";
}

}  // namespace gradus
