// SPDX-License-Identifier: MIT
// Pictures as data: what is drawn, independent of where. The code that has the numbers fills in a
// picture, which is then rendered to a file or into a page (nn/plot/svg.h), or in a terminal
// (nn/plot/text.h). Numbers are double whatever Real is, so a picture does not depend on the build.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gradus {

// The text around a picture. Every picture says what to look for and what a fault looks like.
struct Caption {
    std::string title;
    std::string look_for;  // a sentence; must also serve readers who cannot see the picture
    std::string wrong;     // a sentence: what it looks like when something is wrong
};

struct Axis {
    std::string name;  // with the unit: "loss, nats per character"
    bool log = false;  // logarithmic; values that are not above 0 are left out
};

struct Line {
    std::string name;
    std::vector<double> x, y;  // of equal length, x ascending; a non-finite y leaves a gap
};

// A horizontal line for comparison: "uniform baseline, ln 65 = 4.17".
struct Level {
    std::string name;
    double value;
};

struct LineChart {
    Caption caption;
    Axis x, y;
    std::vector<Line> lines;
    std::vector<Level> levels;
};

// values[row * columns + column], the first row at the top.
struct HeatMap {
    Caption caption;
    std::string row_axis, column_axis;  // "attends", "attended to"
    std::vector<std::string> row_labels, column_labels;
    std::vector<double> values;
    double low = 0, high = 1;  // the ends of the colour bar; values outside are clamped
    bool around_zero = false;  // signed numbers: blue, grey, orange, with low = -high
};

struct NamedMap {
    std::string name;            // "head 1"
    std::vector<double> values;  // [row * columns + column], the first row at the top
};

// Small heat maps side by side, with the same rows, columns and colours.
struct HeatMaps {
    Caption caption;
    std::string row_axis, column_axis;
    std::vector<std::string> row_labels, column_labels;
    std::vector<NamedMap> maps;
    double low = 0, high = 1;
};

// Points that belong together: they share a shape and a colour.
struct PointGroup {
    std::string name;
    std::vector<double> x, y;         // of equal length; non-finite points are left out
    std::vector<std::string> labels;  // one per point; may be empty
};

struct Scatter {
    Caption caption;
    Axis x, y;
    std::vector<PointGroup> groups;
};

struct BarChart {
    Caption caption;
    std::string value_axis;  // with the unit; starts at 0, since a bar's length is its value
    std::vector<std::string> labels;
    std::vector<double> values;  // not negative
};

struct Histogram {
    std::string name;
    std::vector<double> counts;  // in equal bins, from the low end of the axis to the high end
    double outside = 0;          // the number of values in no bin: beyond the ends, or not finite
    std::optional<double> mean, stddev;
};

// Histograms one below the other over a shared axis, each scaled to its own fullest bin.
struct Histograms {
    Caption caption;
    std::string value_axis;  // with the unit
    double low = 0, high = 1;
    std::vector<Histogram> rows;
};

// The output of a binary classifier across a plane, at one step of its training.
struct BoundaryFrame {
    std::string name;  // "step 50"; may be empty
    // Probability of the second class: [row * columns + column], the first row at the top.
    std::vector<double> values;
};

// The same plane and points at one or more steps of training, side by side like frames of a film.
struct Boundary {
    Caption caption;
    std::string x_axis, y_axis;
    double x_low = -1, x_high = 1, y_low = -1, y_high = 1;
    std::size_t rows = 40, columns = 60;  // of the grid
    std::vector<PointGroup> classes;      // two; points beyond the axes are left out
    std::vector<BoundaryFrame> frames;

    // The centre of a grid cell, where the classifier is to be evaluated.
    double cell_x(std::size_t column) const {
        const auto n = static_cast<double>(columns), at = static_cast<double>(column);
        return x_low + (x_high - x_low) * (at + 0.5) / n;
    }
    double cell_y(std::size_t row) const {
        const auto n = static_cast<double>(rows), at = static_cast<double>(row);
        return y_high - (y_high - y_low) * (at + 0.5) / n;
    }
};

struct DiagramNode {
    std::vector<std::string> lines;   // its name, then its numbers: "tanh", "data 0.71"
    std::vector<std::size_t> inputs;  // indices of earlier nodes; listed twice if used twice
};

// A computation graph: every node comes after its inputs, so there is no cycle.
struct Diagram {
    Caption caption;
    std::vector<DiagramNode> nodes;
};

struct Image {
    std::string label;  // "7 read as 1"; may be empty
    // [row * columns + column], the first row at the top: 0 is black, 1 is white, values
    // outside are clamped.
    std::vector<double> values;
};

// Small greyscale images of the same size, with a label under each.
struct ImageSheet {
    Caption caption;
    std::size_t rows = 28, columns = 28;  // of each image
    std::vector<Image> images;
};

}  // namespace gradus
