// SPDX-License-Identifier: MIT
// The positions of numbers on the axes of a picture, whatever it is drawn on.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// Maps a number to its place along an axis, from 0 to 1, and back.
struct Scale {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    bool log = false;

    bool drawn(double value) const;  // finite and, on a logarithmic axis, above 0
    void include(double value);
    void widen_if_flat();
    double place(double value) const;
    double at(double place) const;
    // About five round numbers, in steps of 1, 2 or 5 times a power of ten or, on a logarithmic
    // axis where at least three of them fit, powers of ten or 1, 2 and 5 times those.
    std::vector<double> ticks() const;
};

struct Scales {
    Scale x, y;

    Scales(Scale across, Scale up) : x(across), y(up) {}
    // Makes both axes wide enough for every point that can be drawn and for every level. Throws
    // std::invalid_argument if there is no number to draw or if lists differ in length.
    explicit Scales(const LineChart& chart);
    explicit Scales(const Scatter& scatter);
    // Whether both coordinates of point i of a line or group can be drawn.
    template <class Points>
    bool drawn(const Points& points, std::size_t i) const {
        return x.drawn(points.x[i]) && y.drawn(points.y[i]);
    }
    // Whether both can be drawn and lie between the ends of their axes.
    bool inside(const PointGroup& group, std::size_t i) const {
        const auto within = [](double place) { return place >= 0 && place <= 1; };
        return drawn(group, i) && within(x.place(group.x[i])) && within(y.place(group.y[i]));
    }
};

// Three significant digits each, or up to seven if neighbours would otherwise look the same (a
// picture has no room for more), written as briefly as possible.
std::vector<std::string> short_numbers(const std::vector<double>& values);

// "x from -1.5 to 2.5"
std::string range_text(const std::string& axis, double low, double high);

}  // namespace gradus
