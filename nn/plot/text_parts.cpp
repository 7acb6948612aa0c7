// SPDX-License-Identifier: MIT
#include "nn/plot/text_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr int kLongestPointLabel = 12;  // columns, of a point's label

const char* pen_colour(int pen) {
    return std::array{"34", "33", "32", "35", "36", "31"}[static_cast<std::size_t>(pen % 6)];
}

}  // namespace

std::string blanks(int columns) {
    return std::string(static_cast<std::size_t>(std::max(0, columns)), ' ');
}

std::string padded(std::string_view text, int columns) {
    const std::string_view fits = fit_width(text, columns);
    return std::string(fits) + blanks(columns - display_width(fits));
}

std::string right_aligned(std::string_view text, int columns) {
    const std::string_view fits = fit_width(text, std::max(0, columns));
    return blanks(columns - display_width(fits)) + std::string(fits);
}

std::string short_number(double value) {
    return fmt::format("{:.3g}", value);
}

int widest(const std::vector<std::string>& labels) {
    int width = 0;
    for (const auto& label : labels) width = std::max(width, display_width(label));
    return width;
}

std::string wrapped_words(const std::vector<std::string>& words, int columns) {
    std::string out, line;
    for (const auto& word : words) {
        if (!line.empty() && display_width(line) + 1 + display_width(word) > columns) {
            out += line + '\n';
            line = " ";
        }
        line += (line.empty() ? "" : " ") + std::string(fit_width(word, columns - 2));
    }
    return out + line + '\n';
}

std::string joined(const std::vector<Cell>& row, bool colour) {
    std::string out;
    int pen = -1;
    for (const Cell& cell : row) {
        if (colour && cell.pen != pen)
            out += cell.pen < 0 ? "\x1b[0m" : fmt::format("\x1b[{}m", pen_colour(cell.pen));
        pen = cell.pen;
        out += cell.text;
    }
    return colour && pen >= 0 ? out + "\x1b[0m" : out;
}

CellGrid::CellGrid(int columns, int rows)
    : columns_(columns),
      rows_(static_cast<std::size_t>(rows), std::vector<Cell>(static_cast<std::size_t>(columns))) {}

void CellGrid::set(int column, int row, std::string text, int pen) {
    rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = {std::move(text), pen};
}

bool CellGrid::put(int column, int row, std::string_view text, int pen) {
    const std::string_view fits = fit_width(text, std::min(columns_, kLongestPointLabel));
    const int width = std::max(1, display_width(fits));
    constexpr int kNear[9][2] = {{0, 0}, {1, 0},  {-1, 0}, {0, 1},  {0, -1},
                                 {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
    for (const auto& [right, down] : kNear) {
        const int x = std::clamp(column + right, 0, columns_ - width), y = row + down;
        if (y < 0 || y >= rows()) continue;
        const auto begin = rows_[static_cast<std::size_t>(y)].begin() + x;
        if (std::any_of(begin, begin + width, [](const Cell& cell) { return cell.pen >= 0; }))
            continue;
        std::fill(begin, begin + width, Cell{"", pen});
        begin->text = fits;
        return true;
    }
    return false;
}

std::vector<std::string> row_numbers(const Scale& y, int rows) {
    std::vector<double> values;
    for (int row = 0; row < rows; ++row) values.push_back(y.at(1 - row / (rows - 1.0)));
    return short_numbers(values);
}

std::string axis_line(const Scale& x, const std::vector<std::string>& names, int left,
                      int columns) {
    // Steps up to 999,999 in full, not as 2.5e+03.
    const auto full = [](double value, const std::string& number) {
        return value == std::round(value) ? fmt::format("{:.6g}", value) : number;
    };
    const auto numbers = short_numbers({x.low, x.high});
    const std::string first = full(x.low, numbers[0]), last = full(x.high, numbers[1]);
    const int middle = columns - display_width(first) - display_width(last);
    for (const auto& name : names) {
        const int space = middle - display_width(name);
        if (space < 2) continue;
        return blanks(left) + first + blanks(space / 2) + name + blanks(space - space / 2) + last;
    }
    const std::string ends =
        blanks(left) + first + right_aligned(last, columns - display_width(first));
    return std::string(fit_width(ends, left + columns));
}

std::string mark(std::size_t group) {
    return std::string(1, "ox^#+*"[group % 6]);
}

int put_points(CellGrid& grid, const std::vector<PointGroup>& groups, const Scales& scales) {
    int hidden = 0;
    for (const bool labels : {false, true}) {  // labels give way to marks
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const PointGroup& group = groups[g];
            for (std::size_t i = 0; i < group.x.size(); ++i) {
                const bool labelled = !group.labels.empty() && display_width(group.labels[i]) > 0;
                if (labelled != labels || !scales.inside(group, i)) continue;
                const double across = scales.x.place(group.x[i]), up = scales.y.place(group.y[i]);
                const int column =
                    std::min(static_cast<int>(across * grid.columns()), grid.columns() - 1);
                const int row = std::min(static_cast<int>((1 - up) * grid.rows()), grid.rows() - 1);
                const int pen = static_cast<int>(g);
                if (!labels)
                    grid.set(column, row, mark(g), pen);
                else if (!grid.put(column, row, group.labels[i], pen))
                    ++hidden;
            }
        }
    }
    return hidden;
}

std::string groups_key(const std::vector<PointGroup>& groups, int hidden, int columns) {
    std::string out;
    std::vector<std::string> marks;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const PointGroup& group = groups[g];
        if (group.name.empty()) continue;
        if (group.labels.empty()) {
            marks.push_back(mark(g) + " " + group.name + (g + 1 < groups.size() ? "," : ""));
        } else if (groups.size() > 1) {
            std::vector<std::string> words = {group.name + ":"};
            std::copy_if(group.labels.begin(), group.labels.end(), std::back_inserter(words),
                         [](const std::string& label) { return !label.empty(); });
            out += wrapped_words(words, columns);
        }
    }
    if (!marks.empty()) out = wrapped_words(marks, columns) + out;
    if (hidden > 0) out += wrapped_words({fmt::format("{} left out", hidden)}, columns);
    return out;
}

}  // namespace gradus
