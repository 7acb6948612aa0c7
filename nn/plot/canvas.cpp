// SPDX-License-Identifier: MIT
#include "nn/plot/canvas.h"

#include <algorithm>
#include <cstdlib>

#include "tensor/error.h"

namespace gradus {
namespace {

// Unicode numbers the dots of a braille cell down the left column, down the right, then the bottom
// row, which braille gained later (see The Unicode Standard 14.0, U+2800 to U+28FF).
constexpr unsigned char kBit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

}  // namespace

Canvas::Canvas(int columns, int rows, bool unicode)
    : columns_(columns), rows_(rows), unicode_(unicode) {
    require(columns >= 1 && rows >= 1, "canvas: {} x {} cells, must be at least 1 x 1", columns,
            rows);
    dots_.resize(static_cast<std::size_t>(columns * rows));
    pens_.assign(dots_.size(), -1);
}

void Canvas::dot(int x, int y, int pen) {
    if (x < 0 || y < 0 || x >= width() || y >= height()) return;
    const int column = unicode_ ? x / 2 : x, row = unicode_ ? y / 4 : y;
    const auto at = static_cast<std::size_t>(row * columns_ + column);
    dots_[at] = static_cast<unsigned char>(dots_[at] | (unicode_ ? kBit[y % 4][x % 2] : 1));
    pens_[at] = pen;
}

// Bresenham 1965, in all directions.
void Canvas::line(int x0, int y0, int x1, int y1, int pen) {
    const int dx = std::abs(x1 - x0), dy = -std::abs(y1 - y0);
    const int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1;
    // How far the curve is into its dash pattern, which continues across many short lines.
    const auto series = static_cast<std::size_t>(pen);
    if (series >= steps_.size()) steps_.resize(series + 1);
    int& n = steps_[series];
    for (int error = dx + dy;; ++n) {
        const bool dotted = pen % 3 == 1 && n % 3 != 0, dashed = pen % 3 == 2 && n % 12 >= 8;
        if (!unicode_ || !(dotted || dashed)) dot(x0, y0, pen);
        if (x0 == x1 && y0 == y1) return;
        const int twice = 2 * error;
        if (twice >= dy) error += dy, x0 += step_x;
        if (twice <= dx) error += dx, y0 += step_y;
    }
}

int Canvas::pen(int column, int row) const {
    return pens_[static_cast<std::size_t>(row * columns_ + column)];
}

std::string Canvas::cell(int column, int row) const {
    const int owner = pen(column, row);
    if (owner < 0) return " ";
    if (!unicode_) return std::string(1, "*o+x"[owner % 4]);
    const unsigned char bits = dots_[static_cast<std::size_t>(row * columns_ + column)];
    // U+2800 + bits in UTF-8.
    return {'\xE2', static_cast<char>(0xA0 | (bits >> 6)), static_cast<char>(0x80 | (bits & 0x3F))};
}

}  // namespace gradus
