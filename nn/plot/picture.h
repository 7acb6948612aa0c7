// SPDX-License-Identifier: MIT
// Pictures as data: what is drawn, apart from where. One of these is filled by whoever has the
// numbers and rendered as a file or a part of a page (nn/plot/svg.h) or in a terminal
// (nn/plot/text.h). Numbers are double whatever Real is: a picture does not depend on the build.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gradus {

// The words around a picture. Every picture says what to look for and what wrong looks like.
struct Caption {
    std::string title;
    std::string look_for;  // a sentence; the finding, for who cannot see the picture
    std::string wrong;     // a sentence: how it looks when something is amiss
};

struct Axis {
    std::string name;  // with the unit: "loss, nats per character"
    bool log = false;  // logarithmic: values must be above 0, others are left out
};

struct Line {
    std::string name;
    std::vector<double> x, y;  // of one length, x ascending; a y that is not finite leaves a gap
};

// A horizontal mark to compare with: "uniform baseline, ln 65 = 4.17".
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
    std::string row_axis, column_axis;  // "who looks", "looked at"
    std::vector<std::string> row_labels, column_labels;
    std::vector<double> values;
    double low = 0, high = 1;  // the ends of the colour bar; values beyond are drawn as the ends
    bool around_zero = false;  // signed numbers: blue, grey, orange, with low = -high
};

struct NamedMap {
    std::string name;            // "head 1"
    std::vector<double> values;  // [row * columns + column], the first row at the top
};

// Heat maps of one kind, small and beside each other: the same rows, columns and colours.
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
    std::vector<double> x, y;         // of one length; points that are not finite are left out
    std::vector<std::string> labels;  // of each point, or of none: what it is
};

struct Scatter {
    Caption caption;
    Axis x, y;
    std::vector<PointGroup> groups;
};

struct BarChart {
    Caption caption;
    std::string value_axis;  // with the unit; from 0 on, for a bar's length is its value
    std::vector<std::string> labels;
    std::vector<double> values;  // not negative
};

struct Histogram {
    std::string name;
    std::vector<double> counts;  // of equal bins from the low end of the axis to the high
    double outside = 0;          // how many are in no bin: beyond the ends, or not finite
    std::optional<double> mean, stddev;
};

// Histograms below each other over one axis, each as high as its own fullest bin.
struct Histograms {
    Caption caption;
    std::string value_axis;  // with the unit
    double low = 0, high = 1;
    std::vector<Histogram> rows;
};

// What a classifier of two classes says all over a plane, at one step of its training.
struct BoundaryFrame {
    std::string name;  // "step 50"; may be empty
    // How probable the second class is: [row * columns + column], the first row at the top.
    std::vector<double> values;
};

// The same plane and the same points at one step of training or at several, beside each other: a
// film.
struct Boundary {
    Caption caption;
    std::string x_axis, y_axis;
    double x_low = -1, x_high = 1, y_low = -1, y_high = 1;
    std::size_t rows = 40, columns = 60;  // of the grid
    std::vector<PointGroup> classes;      // two; points beyond the ends are left out
    std::vector<BoundaryFrame> frames;

    // The middle of a cell of the grid, where the classifier is to be asked.
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
    std::vector<std::string> lines;   // what it is, then its numbers: "tanh", "data 0.71"
    std::vector<std::size_t> inputs;  // places of nodes before this one; twice if it is used twice
};

// What is made of what: every node after its inputs, so there is no circle.
struct Diagram {
    Caption caption;
    std::vector<DiagramNode> nodes;
};

struct Image {
    std::string label;  // "7 read as 1"; may be empty
    // [row * columns + column], the first row at the top: 0 black, 1 white, values beyond are drawn
    // as the ends.
    std::vector<double> values;
};

// Small grey images of one size, a label under each.
struct ImageSheet {
    Caption caption;
    std::size_t rows = 28, columns = 28;  // of each image
    std::vector<Image> images;
};

}  // namespace gradus
