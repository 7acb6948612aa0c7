// SPDX-License-Identifier: MIT
// Pictures as SVG: a file of its own, or put as it is into a page.
#pragma once

#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// Mostly 640 units wide, scaled to the room there is; light or dark as the reader's system has it.
// The caption becomes <title> and <desc>. All throw std::invalid_argument for a picture that is
// empty or whose parts differ in length.

// Lines differ by colour (Okabe, Ito 2008, safe for the colour-blind) and by dash; those of more
// than 600 points keep the lowest and highest of each piece.
std::string svg(const LineChart& chart);
// The numbers are written into the cells where there are at most 12 x 12; NaN has a
// question mark. Long labels are cut.
std::string svg(const HeatMap& map);
// Up to four beside each other, as cells of a legible size have room, the labels of the rows at the
// left; one colour bar below.
std::string svg(const HeatMaps& maps);
// Groups differ by colour and by shape: circle, cross, triangle, square, plus, diamond.
std::string svg(const Scatter& scatter);
// A line for each bar: label, bar, number.
std::string svg(const BarChart& chart);
// Names at the left, a triangle below each mean, the numbers at the right, one axis below all.
std::string svg(const Histograms& histograms);
// Blue where the first class is probable, orange where the second is, a black line between; one
// frame with axes, several up to three beside each other.
std::string svg(const Boundary& boundary);
// Boxes and arrows from the left to the right; nodes without inputs have round corners. Wider than
// 640 units where the layers need it. At most 200 nodes.
std::string svg(const Diagram& diagram);
// As many images beside each other as fit.
std::string svg(const ImageSheet& sheet);

}  // namespace gradus
