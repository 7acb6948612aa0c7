// SPDX-License-Identifier: MIT
#include "nn/look/plane.h"

#include <algorithm>
#include <cmath>

namespace gradus {
namespace {

struct Range {
    double low, high;
};

// The range of one coordinate, with a margin.
Range range_of(const std::vector<PointGroup>& groups, std::vector<double> PointGroup::*coordinate) {
    Range range = {INFINITY, -INFINITY};
    for (const auto& group : groups)
        for (const double value : group.*coordinate) {
            range.low = std::min(range.low, value);
            range.high = std::max(range.high, value);
        }
    const double extent = range.high - range.low;
    require(std::isfinite(extent) && extent > 0, "plane_of: points from {} to {}, must differ",
            range.low, range.high);
    return {range.low - extent / 10, range.high + extent / 10};
}

}  // namespace

Boundary plane_of(const Tensor& x, const Tensor& y) {
    require(x.rank() == 2 && x.size(0) > 0 && x.size(1) == 2 && y.count() == x.size(0),
            "plane_of: x is {}, y is {}, must be (N, 2) and N values", x.shape(), y.shape());
    Boundary plane;
    plane.classes = {{"class 0", {}, {}, {}}, {"class 1", {}, {}, {}}};
    for (Index i = 0; i < x.size(0); ++i) {
        require(y[i] == 0 || y[i] == 1, "plane_of: y[{}] is {}, must be 0 or 1", i, y[i]);
        PointGroup& group = plane.classes[y[i] == 1];
        group.x.push_back(x.at(i, 0));
        group.y.push_back(x.at(i, 1));
    }
    const Range across = range_of(plane.classes, &PointGroup::x);
    const Range up = range_of(plane.classes, &PointGroup::y);
    plane.x_axis = "x", plane.x_low = across.low, plane.x_high = across.high;
    plane.y_axis = "y", plane.y_low = up.low, plane.y_high = up.high;
    const double shape = (across.high - across.low) / (up.high - up.low);
    // However elongated the plane, from a quarter to four times as many columns as rows.
    const auto rows = static_cast<double>(plane.rows);
    plane.columns = static_cast<std::size_t>(std::round(rows * std::clamp(shape, 0.25, 4.0)));
    return plane;
}

Tensor cells_of(const Boundary& plane) {
    const Tensor cells({static_cast<Index>(plane.rows * plane.columns), 2});
    for (std::size_t i = 0; i < plane.rows * plane.columns; ++i) {
        cells.at(static_cast<Index>(i), 0) = static_cast<Real>(plane.cell_x(i % plane.columns));
        cells.at(static_cast<Index>(i), 1) = static_cast<Real>(plane.cell_y(i / plane.columns));
    }
    return cells;
}

void add_frame(Boundary& plane, const std::string& name, const Tensor& probability) {
    require(probability.count() == static_cast<Index>(plane.rows * plane.columns),
            "add_frame: {} values for {} x {} cells", probability.count(), plane.rows,
            plane.columns);
    plane.frames.push_back({name, {probability.data(), probability.data() + probability.count()}});
}

}  // namespace gradus
