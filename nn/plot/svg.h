// SPDX-License-Identifier: MIT
// Pictures as SVG, each a complete file that can also be inserted into a page as is.
#pragma once

#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// Usually 640 units wide, scaled to fit; light or dark to match the reader's system.
// The caption becomes <title> and <desc>. All throw std::invalid_argument for a picture that is
// empty or whose lists do not match in length.

// Lines differ by colour (Okabe, Ito 2008, safe for the colour-blind) and by dash; those with more
// than 600 points keep only the lowest and highest point of each short section.
std::string svg(const LineChart& chart);
// With up to 12 x 12 cells, the numbers are written into them; a non-finite value is shown as a
// question mark. Long labels are truncated.
std::string svg(const HeatMap& map);
// Up to four side by side, or fewer if the cells would otherwise be illegible, with the row labels
// on the left and one colour bar below.
std::string svg(const HeatMaps& maps);
// Groups differ by colour and by shape: circle, cross, triangle, square, plus, diamond.
std::string svg(const Scatter& scatter);
// A line for each bar: label, bar, number.
std::string svg(const BarChart& chart);
// Names on the left, a triangle below each mean, the numbers on the right, one axis for all.
std::string svg(const Histograms& histograms);
// Blue where the first class is probable, orange where the second is, with a black line between
// them. A single frame has axes; several frames have none and are drawn up to three side by side.
std::string svg(const Boundary& boundary);
// Boxes and arrows from left to right; nodes without inputs have rounded corners. Wider than 640
// units if the layers need it. At most 200 nodes.
std::string svg(const Diagram& diagram);
// As many images side by side as fit.
std::string svg(const ImageSheet& sheet);

}  // namespace gradus
