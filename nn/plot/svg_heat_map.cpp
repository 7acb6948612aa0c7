// SPDX-License-Identifier: MIT
// A heat map as SVG: labels above and at the left, the colour bar at the right.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr double kAxisName = 24;                     // room for the name of an axis
constexpr double kBarRoom = 92;                      // for the colour bar and its numbers
constexpr double kLargestCell = 40, kTallest = 600;  // one cell; all rows together
constexpr double kSmallestFont = 10;                 // of labels; to keep it, some are left out
constexpr std::size_t kNumbered = 12;                // most rows or columns with numbers in cells
constexpr int kLongestCellLabel = 16;                // characters

std::vector<std::string> cut(const std::vector<std::string>& labels) {
    std::vector<std::string> out;
    for (const auto& label : labels) out.emplace_back(fit_width(label, kLongestCellLabel));
    return out;
}

std::string turned_text(double x, double y, std::string_view anchor, std::string_view text) {
    // Rotated around its own origin, to read upwards.
    return fmt::format("<g transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</g>\n", x, y,
                       svg_text(0, 0, anchor, text));
}

}  // namespace

std::string svg(const HeatMap& map) {
    require_drawable(map);
    const auto row_labels = cut(map.row_labels), column_labels = cut(map.column_labels);
    const std::size_t rows = row_labels.size(), columns = column_labels.size();
    const auto across = static_cast<double>(columns), down = static_cast<double>(rows);

    // Square cells, as large as the paper allows; their labels as large as the cells allow.
    const double labels = widest(row_labels, kFont) + 10;
    const double cell = std::min(
        {kLargestCell, kTallest / down, (kPaperWidth - kAxisName - labels - kBarRoom) / across});
    const double font = std::clamp(cell, kSmallestFont, kFont);
    const std::size_t step = label_step(kAcrossPitch * font, cell),
                      down_step = label_step(font, cell);
    const bool turned =
        kAcrossPitch * widest(column_labels, font) > cell * static_cast<double>(step);
    const double above = turned ? widest(column_labels, font) + 10 : font + 8;
    Box box;
    box.left = (kPaperWidth + kAxisName + labels - kBarRoom - cell * across) / 2;
    box.top = kAxisName + above;
    box.right = box.left + cell * across;
    box.bottom = box.top + cell * down;
    const double bar_height = std::max(cell * down, 64.0);

    // The numbers, as large as the longest of them allows.
    std::vector<std::string> numbers;
    for (const double value : map.values)
        numbers.push_back(std::isfinite(value) ? fmt::format("{:.2g}", value) : "?");
    const bool numbered = rows <= kNumbered && columns <= kNumbered;
    const double number_font = std::min({12.0, cell, 12 * (cell - 2) / widest(numbers, 12)});

    // A page may hold several heat maps, so the sizes of fonts are not in the rules of the class.
    std::string out =
        svg_begin("heat-map", kPaperWidth, box.top + bar_height + 12, map.caption,
                  "@ .number text,@ .label text{stroke:none}@ .none{fill:none;stroke:#888}",
                  numbered ? std::min(font, number_font) : font);
    out += svg_text((box.left + box.right) / 2, kFont + 2, "middle", map.column_axis);
    out += turned_text(box.left - labels - 8, (box.top + box.bottom) / 2, "middle", map.row_axis);
    out += fmt::format("<g class=\"label\" style=\"font-size:{:.3g}px\">\n", font);
    for (std::size_t c = 0; c < columns; c += step) {
        const double x = box.left + cell * (static_cast<double>(c) + 0.5);
        out += turned ? turned_text(x + font / 3, box.top - 5, "start", column_labels[c])
                      : svg_text(x, box.top - 2 - kDescent * font, "middle", column_labels[c]);
    }
    for (std::size_t r = 0; r < rows; r += down_step)
        out += svg_text(box.left - 5, box.top + cell * (static_cast<double>(r) + 0.5) + font / 3,
                        "end", row_labels[r]);
    out += "</g>\n";

    const std::vector<Colour> ramp = map.around_zero ? signed_ramp() : plain_ramp();
    std::vector<int> tones;
    for (const double value : map.values)
        tones.push_back(tone((value - map.low) / (map.high - map.low)));
    out += svg_cells(tones, columns, ramp, box);

    out += fmt::format("<g class=\"number\" style=\"font-size:{:.3g}px\">\n", number_font);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        if (!numbered && tones[i] >= 0) continue;
        const double x = box.left + cell * (static_cast<double>(i % columns) + 0.5);
        const double y = box.top + cell * (static_cast<double>(i / columns) + 0.5);
        const std::string ink =
            tones[i] < 0 ? "" : ink_on(ramp[static_cast<std::size_t>(tones[i])]);
        out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\"{}>{}</text>\n",
                           x, y + number_font / 3,
                           ink.empty() ? "" : fmt::format(" style=\"fill:{}\"", ink), numbers[i]);
    }
    out += "</g>\n";

    std::vector<int> bar(kTones);
    for (int i = 0; i < kTones; ++i) bar[static_cast<std::size_t>(i)] = kTones - 1 - i;
    const Box bar_box = {box.right + 18, box.top, box.right + 30, box.top + bar_height};
    out += svg_cells(bar, 1, ramp, bar_box);
    const double x = bar_box.right + 6;
    out += svg_text(x, bar_box.top + 10, "start", fmt::format("{:.3g}", map.high));
    out += svg_text(x, bar_box.bottom, "start", fmt::format("{:.3g}", map.low));
    if (map.around_zero) out += svg_text(x, (bar_box.top + bar_box.bottom) / 2 + 5, "start", "0");
    return out + "</svg>\n";
}

}  // namespace gradus
