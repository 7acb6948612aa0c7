// SPDX-License-Identifier: MIT
#include "nn/plot/drawable.h"

#include <cmath>

#include "tensor/error.h"

namespace gradus {

HeatMap one_of(const HeatMaps& maps, std::size_t number) {
    Caption caption = maps.caption;
    caption.title += ", " + maps.maps[number].name;
    HeatMap map{caption, maps.row_axis, maps.column_axis, maps.row_labels, maps.column_labels, {}};
    map.values = maps.maps[number].values;
    map.low = maps.low;
    map.high = maps.high;
    return map;
}

void require_drawable(const HeatMap& map) {
    const std::size_t rows = map.row_labels.size(), columns = map.column_labels.size();
    require(rows > 0 && columns > 0, "heat map: there is nothing to draw");
    require(map.values.size() == rows * columns, "heat map: {} values for {} x {} labels",
            map.values.size(), rows, columns);
    require(map.low < map.high, "heat map: from {} to {}, must rise", map.low, map.high);
}

void require_drawable(const HeatMaps& maps) {
    require(!maps.maps.empty(), "heat maps: there is nothing to draw");
    for (std::size_t i = 0; i < maps.maps.size(); ++i) require_drawable(one_of(maps, i));
}

void require_drawable(const BarChart& chart) {
    require(!chart.labels.empty(), "bar chart: there is nothing to draw");
    require(chart.labels.size() == chart.values.size(), "bar chart: {} labels, {} values",
            chart.labels.size(), chart.values.size());
    for (const double value : chart.values)
        require(std::isfinite(value) && value >= 0, "bar chart: {}, must be 0 or more", value);
}

void require_drawable(const PointGroup& group, const char* picture) {
    require(group.x.size() == group.y.size(), "{}: \"{}\" has {} x and {} y", picture, group.name,
            group.x.size(), group.y.size());
    require(group.labels.empty() || group.labels.size() == group.x.size(),
            "{}: \"{}\" has {} points and {} labels", picture, group.name, group.x.size(),
            group.labels.size());
}

void require_drawable(const Histograms& histograms) {
    const auto& rows = histograms.rows;
    require(!rows.empty() && !rows[0].counts.empty(), "histograms: there is nothing to draw");
    require(histograms.low < histograms.high, "histograms: from {} to {}, must rise",
            histograms.low, histograms.high);
    for (const auto& row : rows) {
        require(row.counts.size() == rows[0].counts.size(),
                "histograms: \"{}\" has {} bins, \"{}\" has {}", row.name, row.counts.size(),
                rows[0].name, rows[0].counts.size());
        for (const double count : row.counts)
            require(std::isfinite(count) && count >= 0,
                    "histograms: a count of {} in \"{}\", must be 0 or more", count, row.name);
    }
}

void require_drawable(const Boundary& boundary) {
    const Boundary& b = boundary;
    require(b.rows > 0 && b.columns > 0 && !b.frames.empty(), "boundary: there is nothing to draw");
    require(b.x_low < b.x_high && b.y_low < b.y_high,
            "boundary: x from {} to {}, y from {} to {}, must rise", b.x_low, b.x_high, b.y_low,
            b.y_high);
    require(b.classes.size() == 2, "boundary: {} classes, must be 2", b.classes.size());
    for (const auto& group : b.classes) require_drawable(group, "boundary");
    for (const auto& frame : b.frames)
        require(frame.values.size() == b.rows * b.columns,
                "boundary: \"{}\" has {} values for {} x {} cells", frame.name, frame.values.size(),
                b.rows, b.columns);
}

void require_drawable(const Diagram& diagram) {
    require(!diagram.nodes.empty(), "diagram: there is nothing to draw");
    for (std::size_t i = 0; i < diagram.nodes.size(); ++i) {
        require(!diagram.nodes[i].lines.empty(), "diagram: node {} has no text", i);
        for (const std::size_t input : diagram.nodes[i].inputs)
            require(input < i, "diagram: node {} has input {}, must come before it", i, input);
    }
}

void require_drawable(const ImageSheet& sheet) {
    require(!sheet.images.empty() && sheet.rows > 0 && sheet.columns > 0,
            "image sheet: there is nothing to draw");
    for (const auto& image : sheet.images)
        require(image.values.size() == sheet.rows * sheet.columns,
                "image sheet: \"{}\" has {} values for {} x {} pixels", image.label,
                image.values.size(), sheet.rows, sheet.columns);
}

}  // namespace gradus
