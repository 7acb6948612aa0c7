// SPDX-License-Identifier: MIT
// Checks of a picture before it is drawn, as SVG or as text. All throw std::invalid_argument,
// saying what is wrong.
#pragma once

#include "nn/plot/picture.h"

namespace gradus {

// There are labels, one value per cell, and the colour bar's low end is below its high end.
void require_drawable(const HeatMap& map);
// There are maps, and each is drawable as a heat map.
void require_drawable(const HeatMaps& maps);
// One of the maps, as a heat map by itself.
HeatMap one_of(const HeatMaps& maps, std::size_t number);
// There are labels and as many values, all finite and not negative.
void require_drawable(const BarChart& chart);
// x and y have the same length, as do labels if there are any. The message begins with `picture`.
void require_drawable(const PointGroup& group, const char* picture);
// There are histograms, all with the same number of bins, and all counts finite and not negative.
void require_drawable(const Histograms& histograms);
// There is a grid, both axes rise, and there are two classes and frames with a value per cell.
void require_drawable(const Boundary& boundary);
// There are nodes, each with some text, and inputs come before the nodes that use them.
void require_drawable(const Diagram& diagram);
// There are images, with a value for each pixel.
void require_drawable(const ImageSheet& sheet);

}  // namespace gradus
