// SPDX-License-Identifier: MIT
// The roofline picture (Williams, Waterman, Patterson 2009, "Roofline: an insightful visual
// performance model"): each operation's FLOP/s against its FLOPs per byte moved. No point can lie
// above the roof: its slope is set by memory, its flat section by the multiply-adds.
#pragma once

#include <string>
#include <vector>

namespace gradus::bench {

struct RooflinePoint {
    std::string name;
    double flops = 0, bytes = 0, seconds = 0;  // of one call
};

struct Roofline {
    std::string title;
    double peak = 0;  // floating-point operations per second
    struct Memory {
        std::string name;
        double bytes_per_second = 0;
    };
    std::vector<Memory> memories;  // one slope each
    std::vector<RooflinePoint> points;
};

// A complete SVG file, readable on light and dark pages.
std::string roofline_svg(const Roofline& roofline);

}  // namespace gradus::bench
