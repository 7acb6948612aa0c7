// SPDX-License-Identifier: MIT
// Dots on a character grid: eight per cell as Unicode braille (2 wide, 4 high), or one per cell if
// only ASCII may be used.
#pragma once

#include <string>
#include <vector>

namespace gradus {

class Canvas {
 public:
    // Size in character cells, at least 1 x 1.
    Canvas(int columns, int rows, bool unicode);

    int width() const { return columns_ * (unicode_ ? 2 : 1); }  // in dots
    int height() const { return rows_ * (unicode_ ? 4 : 1); }

    // x from the left, y from the top; dots outside the canvas are ignored. `pen` is the index of
    // the series; a cell that several series touch belongs to the last of them and, in ASCII, shows
    // its mark.
    void dot(int x, int y, int pen);
    // In braille, where dots can be left out, curves can be told apart without colour: pen 0 is
    // solid, pen 1 dotted (every third), pen 2 dashed (eight of twelve, so that two cells stay
    // empty), pen 3 solid again.
    void line(int x0, int y0, int x1, int y1, int pen);

    std::string cell(int column, int row) const;  // one character
    int pen(int column, int row) const;           // -1: empty

 private:
    int columns_, rows_;
    bool unicode_;
    std::vector<unsigned char> dots_;  // a bit for each dot of a cell
    std::vector<int> pens_;            // -1: empty
    std::vector<int> steps_;           // how far each pen is into its dash pattern, in dots
};

}  // namespace gradus
