// SPDX-License-Identifier: MIT
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"

namespace gradus {

std::string svg(const Scatter& scatter) {
    constexpr double kPlaneHeight = 480;
    // Labels are to the right of their points, so the box leaves room for them there.
    const Paper paper{Scales(scatter), {56, 34, kPaperWidth - 24, kPlaneHeight - 44}, 12};
    std::string out = svg_begin("scatter", kPaperWidth, kPlaneHeight, scatter.caption, kPointStyle);
    out += svg_axes(paper, scatter.x, scatter.y);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scatter.groups.size(); ++i) {
        out += svg_points(scatter.groups[i], i, paper);
        names.push_back(scatter.groups[i].name);
    }
    out += svg_legend(names, 12, [](std::size_t i, double x) { return svg_mark(i, x + 6, 12); });
    return out + "</svg>\n";
}

}  // namespace gradus
