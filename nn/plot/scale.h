// SPDX-License-Identifier: MIT
// The positions of numbers on the axes of a picture, whatever it is drawn on.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// Maps a number to its place between the ends of an axis, 0 to 1, and back.
struct Scale {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    bool log = false;

    bool drawn(double value) const;  // finite and, on a logarithmic axis, above 0
    void include(double value);
    void widen_if_flat();
    double place(double value) const;
    double at(double place) const;
    // About five round numbers: 1, 2 or 5 times a power of ten, or the powers themselves. A
    // logarithmic axis that spans less than a decade has steps like a linear one.
    std::vector<double> ticks() const;
};

struct Scales {
    Scale x, y;

    Scales(Scale across, Scale up) : x(across), y(up) {}
    // Both axes wide enough for every point that can be drawn and every level. Throws
    // std::invalid_argument if there is no number to draw or lists differ in length.
    explicit Scales(const LineChart& chart);
    explicit Scales(const Scatter& scatter);
    // Whether both coordinates of point i of a line or group can be drawn.
    template <class Points>
    bool drawn(const Points& points, std::size_t i) const {
        return x.drawn(points.x[i]) && y.drawn(points.y[i]);
    }
    // Whether they can, and lie between the ends of their axes.
    bool inside(const PointGroup& group, std::size_t i) const {
        const auto within = [](double place) { return place >= 0 && place <= 1; };
        return drawn(group, i) && within(x.place(group.x[i])) && within(y.place(group.y[i]));
    }
};

// Three significant digits each, written as briefly as possible; up to seven if neighbours would
// look the same, since a picture has no room for more.
std::vector<std::string> short_numbers(const std::vector<double>& values);

// "x from -1.5 to 2.5"
std::string range_text(const std::string& axis, double low, double high);

}  // namespace gradus
