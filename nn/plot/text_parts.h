// SPDX-License-Identifier: MIT
// Helpers shared by the text pictures; for text*.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/plot/scale.h"

namespace gradus {

// Exactly `columns` wide: truncated, or filled with blanks on the right (padded) or on the left
// (right_aligned).
std::string padded(std::string_view text, int columns);
std::string right_aligned(std::string_view text, int columns);
std::string blanks(int columns);

// Three significant digits, written as briefly as possible.
std::string short_number(double value);

int widest(const std::vector<std::string>& labels);

// Words separated by blanks, as many to a line as fit; the lines after the first are indented.
std::string wrapped_words(const std::vector<std::string>& words, int columns);

// One column of a line on the screen, usually one character. A wide character or longer text is
// held by the first cell that it covers; the others are empty.
struct Cell {
    std::string text = " ";
    int pen = -1;  // the index of the line or the group it belongs to; -1: none
};

// The cells of a row as one string; `colour` gives each pen a colour of its own.
std::string joined(const std::vector<Cell>& row, bool colour);

// A grid of cells, in which labels give way to what is already there.
class CellGrid {
 public:
    CellGrid(int columns, int rows);

    // Overwrites what was there. `text` is one column wide.
    void set(int column, int row, std::string text, int pen);
    // Draws at the given cell, or beside it if it is taken; draws nothing and returns false if the
    // eight cells around it are taken too. Text wider than 12 columns or the grid is truncated.
    bool put(int column, int row, std::string_view text, int pen);
    const std::vector<Cell>& row(int row) const { return rows_[static_cast<std::size_t>(row)]; }
    int columns() const { return columns_; }
    int rows() const { return static_cast<int>(rows_.size()); }

 private:
    int columns_;
    std::vector<std::vector<Cell>> rows_;
};

// The numbers beside the rows of a y axis, from the highest to the lowest in even steps.
std::vector<std::string> row_numbers(const Scale& y, int rows);

// The line below the rows, without a newline: the ends of the x axis and, between them, the first
// of `names` that fits. The axis is `columns` wide and starts after `left` columns.
std::string axis_line(const Scale& x, const std::vector<std::string>& names, int left, int columns);

// The mark of a group: o x ^ # + *, resembling its shape in an SVG.
std::string mark(std::size_t group);

// Draws the points of all groups where `scales` puts them, as labels if they have any. Returns the
// number of labels that found no room.
int put_points(CellGrid& grid, const std::vector<PointGroup>& groups, const Scales& scales);

// The key: each group's mark or labels, and the number of labels that found no room, as lines no
// wider than `columns`. May be empty.
std::string groups_key(const std::vector<PointGroup>& groups, int hidden, int columns);

}  // namespace gradus
