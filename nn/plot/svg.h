// SPDX-License-Identifier: MIT
// Pictures as SVG: a file of its own, or put as it is into a page.
#pragma once

#include <string>

#include "nn/plot/picture.h"

namespace gradus {

// 640 x 320 units, scaled to the room there is. Light or dark as the reader's system has it. Lines
// differ by colour (Okabe, Ito 2008, safe for the colour-blind) and by dash; those of more than 600
// points keep the lowest and highest of each piece. The caption becomes <title> and <desc>.
// Throws std::invalid_argument if there is no number to draw or x and y differ in length.
std::string svg(const LineChart& chart);

}  // namespace gradus
