// SPDX-License-Identifier: MIT
// Pictures as lines of text for a terminal. The words of the caption are left to the caller.
#pragma once

#include <string>

#include "nn/plot/picture.h"

namespace gradus {

struct TextStyle {
    int columns = 80;     // no line is wider; at least 20
    int rows = 8;         // of a chart with two axes, the x axis not counted; at least 2
    bool unicode = true;  // false: ASCII only, labels excepted
    bool colour = false;  // with escape sequences
};

// For standard output: a column less than the terminal has, its characters, its colours.
TextStyle terminal_style(int rows = 8);

// Whole lines, each with its line end. All throw std::invalid_argument for a picture that is empty
// or whose parts differ in length.

// `rows` lines of curves (braille) between numbers at the left and the levels' names at the right,
// and one line for the x axis, with a key where there are two lines. Where there is little room the
// names go first.
std::string text(const LineChart& chart, const TextStyle& style);
// Two columns per cell, from blank (low) to full (high); of signed numbers the size is shown.
std::string text(const HeatMap& map, const TextStyle& style);
// One below the other, each after its name.
std::string text(const HeatMaps& maps, const TextStyle& style);
// `rows` lines between numbers at the left, and one for the x axis. Labels stand where their points
// are, or in the nearest free place; points without are marks (o x ^ # + *), those of a single
// group braille dots. Several groups have a key below.
std::string text(const Scatter& scatter, const TextStyle& style);
// A line for each bar: label, bar, number.
std::string text(const BarChart& chart, const TextStyle& style);
// A line for each: name, bars of up to eight heights, mean and standard deviation, how many are
// outside; then the axis. Bins are put together where there are more than columns. Where there is
// little room the numbers go first.
std::string text(const Histograms& histograms, const TextStyle& style);
// `rows` lines for each frame: blank where the first class is probable, full where the second is,
// the points (o and x) on top. As many frames beside each other as fit.
std::string text(const Boundary& boundary, const TextStyle& style);
// A tree from each result to what it is made of, a line for each node. One that is used several
// times has a number, and is drawn out the first time only.
std::string text(const Diagram& diagram, const TextStyle& style);
// From blank (black) to full (white), as many images beside each other as fit. Images of up to 16
// columns have two characters per pixel, larger ones half a character per pixel; in colour all are
// half blocks in greys. Throws std::invalid_argument too if one image is wider than the terminal.
std::string text(const ImageSheet& sheet, const TextStyle& style);

}  // namespace gradus
