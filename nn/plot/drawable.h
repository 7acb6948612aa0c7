// SPDX-License-Identifier: MIT
// Checks that a picture can be drawn, as SVG or as text. Each function throws
// std::invalid_argument, saying what is wrong, unless the conditions in its comment are met.
#pragma once

#include "nn/plot/picture.h"

namespace gradus {

// There are labels and one value per cell, and the colour bar's low end is below its high end.
void require_drawable(const HeatMap& map);
// There are maps, and each is drawable as a heat map.
void require_drawable(const HeatMaps& maps);
// One of the maps as a heat map of its own.
HeatMap one_of(const HeatMaps& maps, std::size_t number);
// There are labels and as many values, all finite and not negative.
void require_drawable(const BarChart& chart);
// x and y have the same length, as do labels if there are any. The message begins with `picture`.
void require_drawable(const PointGroup& group, const char* picture);
// There are histograms, all with the same number of bins; all counts are finite and not negative.
void require_drawable(const Histograms& histograms);
// There is a grid, both axes ascend, and there are two classes, and frames with a value per cell.
void require_drawable(const Boundary& boundary);
// There are nodes, each with some text, and inputs come before the nodes that use them.
void require_drawable(const Diagram& diagram);
// There are images, with a value for each pixel.
void require_drawable(const ImageSheet& sheet);

}  // namespace gradus
