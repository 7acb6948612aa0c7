// SPDX-License-Identifier: MIT
// Pictures as lines of text for a terminal. Printing the caption is left to the caller.
#pragma once

#include <string>

#include "nn/plot/picture.h"

namespace gradus {

struct TextStyle {
    int columns = 80;     // no line is wider; at least 20
    int rows = 8;         // of a chart with two axes, excluding the x axis; at least 2
    bool unicode = true;  // false: ASCII only, except for labels
    bool colour = false;  // with escape sequences
};

// The style for standard output: one column narrower than the terminal, with the characters and
// colours it supports.
TextStyle terminal_style(int rows = 8);

// All return whole lines, each ending in a newline, and throw std::invalid_argument for a picture
// that is empty or whose lists do not match in length.

// `rows` lines of curves (braille) between numbers on the left and the level names on the right,
// and one line for the x axis, with a key if there are several curves. If space is short, the level
// names are dropped first.
std::string text(const LineChart& chart, const TextStyle& style);
// Two columns per cell, from blank (low) to full (high); for signed numbers, the magnitude.
std::string text(const HeatMap& map, const TextStyle& style);
// One below the other, each after its name.
std::string text(const HeatMaps& maps, const TextStyle& style);
// `rows` lines with numbers on the left, and one for the x axis. Labels are placed at their points
// or in the nearest free place; points without labels are drawn as marks (o x ^ # + *), or as
// braille dots if there is only one group. Several groups get a key below.
std::string text(const Scatter& scatter, const TextStyle& style);
// A line for each bar: label, bar, number.
std::string text(const BarChart& chart, const TextStyle& style);
// A line for each histogram: name, bars of up to eight heights, mean and standard deviation, number
// of values outside; then the axis. Bins are merged if there are more of them than columns. If
// space is short, the numbers are dropped first.
std::string text(const Histograms& histograms, const TextStyle& style);
// `rows` lines for each frame: blank where the first class is probable, full where the second is,
// with the points (o and x) on top. As many frames side by side as fit.
std::string text(const Boundary& boundary, const TextStyle& style);
// A tree from each result back to its inputs, one line per node. A node that is used several times
// has a number, and is expanded only the first time.
std::string text(const Diagram& diagram, const TextStyle& style);
// From blank (black) to full (white), as many images side by side as fit. Images of up to 16
// columns have two characters per pixel, larger ones half a character per pixel; in colour, all use
// half blocks in shades of grey. Also throws std::invalid_argument if an image is wider than the
// terminal.
std::string text(const ImageSheet& sheet, const TextStyle& style);

}  // namespace gradus
