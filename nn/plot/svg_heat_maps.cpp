// SPDX-License-Identifier: MIT
// Small heat maps side by side, so that differences between them show at a glance.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/page.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"

namespace gradus {
namespace {

constexpr double kMapGap = 12;             // between maps
constexpr double kTitle = 18, kAxis = 15;  // room for a map's name; for an axis name
constexpr double kSmallestMapCell = 9, kLargestMapCell = 26;
constexpr double kSmallestLabel = kLegible, kAxisFont = 11;
constexpr std::size_t kMostBeside = 4;
constexpr double kBarWidth = 120, kBarHeight = 10;

// Only every other tone: the cells are small and many, and half the strokes take half the bytes.
int coarse_tone(double part) {
    constexpr int kSteps = kTones / 2 - 1;
    return tone(std::round(part * kSteps) / kSteps);
}

std::string label(double x, double y, const std::string& words) {
    return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>", x, y, html_escape(words));
}

// Rotated to read upwards, with its own (0, 0) at x, y.
std::string upright(double x, double y, const std::string& text) {
    return fmt::format("<g transform=\"translate({:.0f} {:.0f}) rotate(-90)\">{}</g>", x, y, text);
}

}  // namespace

std::string svg(const HeatMaps& maps) {
    require_drawable(maps);
    const std::size_t rows = maps.row_labels.size(), columns = maps.column_labels.size();
    const auto across = static_cast<double>(columns), down = static_cast<double>(rows);
    const std::vector<Colour> ramp = plain_ramp();

    // As many side by side as leave the cells legible, then cells as large as fit. The row labels
    // are at the left of each line of maps.
    const double labels = widest(maps.row_labels, kFont) + 8, left = kAxis + labels + kMapGap;
    const double paper = kPaperWidth - left;
    const std::size_t beside = std::clamp<std::size_t>(
        static_cast<std::size_t>(paper / (across * kSmallestMapCell + kMapGap)), 1,
        std::min(kMostBeside, maps.maps.size()));
    const double room = paper / static_cast<double>(beside);
    const double cell = std::min(kLargestMapCell, (room - kMapGap) / across);
    const double font = std::clamp(cell, kSmallestLabel, kFont);
    const std::size_t step = label_step(kAcrossPitch * font, cell),
                      down_step = label_step(font, cell);
    const bool turned =
        kAcrossPitch * widest(maps.column_labels, font) > cell * static_cast<double>(step);
    const double above =
        kTitle + kAxis +
        (turned ? widest(maps.column_labels, font) + 8 : (1 + kDescent) * font + 4);
    const double height = above + cell * down + kMapGap;
    const std::size_t lines = (maps.maps.size() + beside - 1) / beside;
    const double foot = kMapGap + height * static_cast<double>(lines);

    std::string out =
        svg_begin("heat-maps", kPaperWidth, foot + 28, maps.caption,
                  fmt::format("@ .label{{text-anchor:middle}}@ .label text{{stroke:none}}"
                              "@ .side{{text-anchor:end}}@ .axis{{font-size:{}px}}",
                              kAxisFont),
                  std::min(font, kAxisFont));
    const auto labels_begin = [&](const char* name) {
        return fmt::format("<g class=\"{}\" style=\"font-size:{:.3g}px\">\n", name, font);
    };
    for (std::size_t i = 0; i < maps.maps.size(); ++i) {
        Box box;
        box.left = left + room * static_cast<double>(i % beside);
        box.top = kMapGap + height * static_cast<double>(i / beside) + above;
        box.right = box.left + cell * across;
        box.bottom = box.top + cell * down;
        const double middle = (box.left + box.right) / 2;
        out += svg_text(middle, box.top - above + 12, "middle", maps.maps[i].name);
        out += "<g class=\"axis\">" +
               svg_text(middle, box.top - above + kTitle + 10, "middle", maps.column_axis) +
               "</g>\n" + labels_begin("label");
        for (std::size_t c = 0; c < columns; c += step) {
            const double x = box.left + cell * (static_cast<double>(c) + 0.5);
            out += turned ? upright(x + font / 3, box.top - 4,
                                    "<g style=\"text-anchor:start\">" +
                                        label(0, 0, maps.column_labels[c]) + "</g>")
                          : label(x, box.top - 2 - kDescent * font, maps.column_labels[c]);
        }
        out += "</g>\n";
        if (i % beside == 0) {
            out += "<g class=\"axis\">" +
                   upright(box.left - labels - 4, (box.top + box.bottom) / 2,
                           svg_text(0, 0, "middle", maps.row_axis)) +
                   "</g>\n" + labels_begin("label side");
            for (std::size_t r = 0; r < rows; r += down_step)
                out +=
                    label(box.left - 4, box.top + cell * (static_cast<double>(r) + 0.5) + font / 3,
                          maps.row_labels[r]);
            out += "</g>\n";
        }
        std::vector<int> tones;
        for (const double value : maps.maps[i].values)
            tones.push_back(coarse_tone((value - maps.low) / (maps.high - maps.low)));
        out += svg_cells(tones, columns, ramp, box);
    }
    std::vector<int> bar;
    for (int i = 0; i < kTones / 2; ++i) bar.push_back(coarse_tone(i / (kTones / 2.0 - 1)));
    const double begin = (kPaperWidth - kBarWidth) / 2;
    out += svg_cells(bar, bar.size(), ramp,
                     {begin, foot + 6, begin + kBarWidth, foot + 6 + kBarHeight});
    out += svg_text(begin - 6, foot + 16, "end", fmt::format("{:.3g}", maps.low));
    out += svg_text(begin + kBarWidth + 6, foot + 16, "start", fmt::format("{:.3g}", maps.high));
    return out + "</svg>\n";
}

}  // namespace gradus
