// SPDX-License-Identifier: MIT
// What the pictures of text share; for the files text*.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/plot/scale.h"

namespace gradus {

// Exactly `columns` wide, cut or filled with blanks at the right, or at the left.
std::string padded(std::string_view text, int columns);
std::string right_aligned(std::string_view text, int columns);
std::string blanks(int columns);

// Three significant digits, as short as they can be written.
std::string short_number(double value);

int widest(const std::vector<std::string>& labels);

// Words between blanks, as many to a line as fit; the lines after the first are indented.
std::string wrapped_words(const std::vector<std::string>& words, int columns);

// A place on the screen: mostly one character; with a wide one, or with several, the places after
// it are empty.
struct Cell {
    std::string text = " ";
    int pen = -1;  // the number of the line or the group it belongs to; -1: none
};

// The cells of a row; in colour, each pen has its own.
std::string joined(const std::vector<Cell>& row, bool colour);

// A grid of cells, on which marks keep their places.
class CellGrid {
 public:
    CellGrid(int columns, int rows);

    // Over whatever was there: `text` is one column wide.
    void set(int column, int row, std::string text, int pen);
    // At the place, or beside it where a pen has been before; false, and nothing is drawn, if the
    // eight places around are taken too. Cut where it is wider than the grid.
    bool put(int column, int row, std::string_view text, int pen);
    const std::vector<Cell>& row(int row) const { return rows_[static_cast<std::size_t>(row)]; }
    int columns() const { return columns_; }
    int rows() const { return static_cast<int>(rows_.size()); }

 private:
    int columns_;
    std::vector<std::vector<Cell>> rows_;
};

// The numbers beside the rows of a y axis, the highest first.
std::vector<std::string> row_numbers(const Scale& y, int rows);

// The line below the rows, without line end: the ends of the x axis, between them the first of the
// names that fits. `left` columns stand before the axis, which is `columns` wide.
std::string axis_line(const Scale& x, const std::vector<std::string>& names, int left, int columns);

// The mark of a group: o x ^ # + *, like its shape on paper.
std::string mark(std::size_t group);

// Draws the points of all groups by their places between the ends of the scales, labels where they
// have them. Returns how many labels found no room.
int put_points(CellGrid& grid, const std::vector<PointGroup>& groups, const Scales& scales);

// Which mark is which group and which labels are in it, and how many found no room, as lines no
// wider than `columns`. Empty if there is nothing to tell.
std::string groups_key(const std::vector<PointGroup>& groups, int hidden, int columns);

}  // namespace gradus
