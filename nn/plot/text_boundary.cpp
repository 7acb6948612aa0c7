// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/text.h"
#include "nn/plot/text_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// The more probable class changes between the second shade and the third.
std::vector<std::string> shades(bool unicode) {
    if (unicode) return {" ", "░", "▓", "█"};
    return {" ", ".", "+", "#"};
}

// Shows the grid cells that lie under the middles of the characters.
CellGrid text_panel(const Boundary& boundary, const BoundaryFrame& frame, int columns, int rows,
                    bool unicode) {
    CellGrid grid(columns, rows);
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            const auto r =
                static_cast<std::size_t>((row + 0.5) / rows * static_cast<double>(boundary.rows));
            const auto c = static_cast<std::size_t>((column + 0.5) / columns *
                                                    static_cast<double>(boundary.columns));
            const double value = frame.values[r * boundary.columns + c];
            std::string shade = "?";
            if (std::isfinite(value))
                shade = shades(unicode)[static_cast<std::size_t>(std::clamp(value * 4, 0.0, 3.0))];
            grid.set(column, row, shade, -1);
        }
    }
    put_points(
        grid, boundary.classes,
        Scales(Scale{boundary.x_low, boundary.x_high}, Scale{boundary.y_low, boundary.y_high}));
    return grid;
}

std::string key(const Boundary& b, const TextStyle& style) {
    const auto shade = shades(style.unicode);
    return wrapped_words({fmt::format("o {}: blank,", b.classes[0].name),
                          fmt::format("x {}: {},", b.classes[1].name, shade[3]),
                          fmt::format("less sure: {}{}", shade[1], shade[2])},
                         style.columns) +
           wrapped_words({range_text(b.x_axis, b.x_low, b.x_high) + ",",
                          range_text(b.y_axis, b.y_low, b.y_high)},
                         style.columns);
}

}  // namespace

std::string text(const Boundary& boundary, const TextStyle& style) {
    require_drawable(boundary);
    require(style.columns >= 20 && style.rows >= 2, "boundary: {} x {}, must be 20 x 2 or more",
            style.columns, style.rows);
    // A character is about twice as high as it is wide.
    const double shape = static_cast<double>(boundary.columns) / static_cast<double>(boundary.rows);
    const int columns =
        static_cast<int>(std::clamp(std::round(2 * style.rows * shape), 4.0, style.columns - 2.0));
    const auto beside = static_cast<std::size_t>((style.columns + 2) / (columns + 4));
    const std::string side = style.unicode ? "│" : "|";

    std::string out;
    const auto& frames = boundary.frames;
    for (std::size_t begin = 0; begin < frames.size(); begin += beside) {
        const std::size_t end = std::min(frames.size(), begin + beside);
        std::string names;
        std::vector<std::string> lines(static_cast<std::size_t>(style.rows));
        for (std::size_t i = begin; i < end; ++i) {
            const std::string gap = i > begin ? "  " : "";
            names += gap + padded(frames[i].name, columns + 2);
            const CellGrid grid =
                text_panel(boundary, frames[i], columns, style.rows, style.unicode);
            for (int row = 0; row < style.rows; ++row)
                lines[static_cast<std::size_t>(row)] +=
                    gap + side + joined(grid.row(row), style.colour) + side;
        }
        if (names.find_first_not_of(' ') != std::string::npos) out += names + '\n';
        for (const auto& line : lines) out += line + '\n';
    }
    return out + key(boundary, style);
}

}  // namespace gradus
