// SPDX-License-Identifier: MIT
// What a picture must hold before it is drawn, in whatever form. All throw std::invalid_argument,
// with a sentence on what is wrong.
#pragma once

#include "nn/plot/picture.h"

namespace gradus {

// There are labels, as many values as they ask for, and an end of the colour bar above the other.
void require_drawable(const HeatMap& map);
// There are maps, and each is a heat map.
void require_drawable(const HeatMaps& maps);
// One of several as a picture of its own.
HeatMap one_of(const HeatMaps& maps, std::size_t number);
// There are labels, as many values, and none of them negative or not finite.
void require_drawable(const BarChart& chart);
// x and y are of one length, and labels too unless there are none. `picture` begins the sentence.
void require_drawable(const PointGroup& group, const char* picture);
// There are histograms with bins, all with as many, and their counts are finite and not negative.
void require_drawable(const Histograms& histograms);
// There are a grid, both axes rise, two classes, and frames with a value for each cell.
void require_drawable(const Boundary& boundary);
// There are nodes, each with a line of text, and inputs come before the nodes they go into.
void require_drawable(const Diagram& diagram);
// There are images, with a value for each pixel.
void require_drawable(const ImageSheet& sheet);

}  // namespace gradus
