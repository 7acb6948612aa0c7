// SPDX-License-Identifier: MIT
#include <cmath>

#include "nn/plot/canvas.h"
#include "nn/plot/text.h"
#include "nn/plot/text_parts.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Eight dots to a cell: finer than marks, but of one kind only.
CellGrid dots(const PointGroup& group, const Scales& scales, int columns, int rows) {
    Canvas canvas(columns, rows, true);
    for (std::size_t i = 0; i < group.x.size(); ++i) {
        if (!scales.drawn(group, i)) continue;
        const double across = scales.x.place(group.x[i]), down = 1 - scales.y.place(group.y[i]);
        canvas.dot(static_cast<int>(std::lround(across * (canvas.width() - 1))),
                   static_cast<int>(std::lround(down * (canvas.height() - 1))), 0);
    }
    CellGrid grid(columns, rows);
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            grid.set(column, row, canvas.cell(column, row), canvas.pen(column, row));
    return grid;
}

}  // namespace

std::string text(const Scatter& scatter, const TextStyle& style) {
    require(style.columns >= 20 && style.rows >= 2, "scatter: {} x {}, must be 20 x 2 or more",
            style.columns, style.rows);
    const Scales scales(scatter);
    const std::vector<std::string> numbers = row_numbers(scales.y, style.rows);
    const int left = widest(numbers), columns = style.columns - left - 2;
    CellGrid grid(columns, style.rows);
    int hidden = 0;
    const bool alone = scatter.groups.size() == 1 && scatter.groups[0].labels.empty();
    if (style.unicode && alone)
        grid = dots(scatter.groups[0], scales, columns, style.rows);
    else
        hidden = put_points(grid, scatter.groups, scales);

    std::string out;
    for (int row = 0; row < style.rows; ++row)
        out += right_aligned(numbers[static_cast<std::size_t>(row)], left) +
               (style.unicode ? " │" : " |") + joined(grid.row(row), style.colour) + '\n';
    out += axis_line(scales.x, {scatter.x.name}, left + 2, columns) + '\n';
    return alone ? out : out + groups_key(scatter.groups, hidden, style.columns);
}

}  // namespace gradus
