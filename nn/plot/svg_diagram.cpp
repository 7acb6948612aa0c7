// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>

#include "nn/plot/drawable.h"
#include "nn/plot/layout.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kMostNodes = 200;  // beyond that, it is no longer a picture
constexpr double kMargin = 10;
constexpr double kAcross = 34, kDown = 14;  // between layers, and between boxes of a layer
constexpr int kLongestLine = 28;            // characters

struct Column {
    double left, width;
};

// A column per layer, as wide as its widest box, side by side.
std::vector<Column> columns(const Diagram& diagram, const Layout& plan) {
    std::vector<Column> out(plan.layers, Column{0, 0});
    for (std::size_t i = 0; i < diagram.nodes.size(); ++i)
        for (const auto& line : diagram.nodes[i].lines) {
            double& width = out[plan.nodes[i].layer].width;
            width = std::max(width, text_width(fit_width(line, kLongestLine)) + 18);
        }
    double left = kMargin;
    for (Column& column : out) {
        column.left = left;
        left += column.width + kAcross;
    }
    return out;
}

// From the right side of the input's box to the left side of the result's, where its inputs arrive
// one below the other; horizontal through the layers between.
std::string arrow(const LayoutArrow& arrow, std::size_t inputs, const Layout& plan,
                  const std::vector<Column>& columns, double top) {
    const LayoutNode &from = plan.nodes[arrow.way.front()], &to = plan.nodes[arrow.way.back()];
    double x = columns[from.layer].left + columns[from.layer].width, y = top + from.middle;
    std::string d = fmt::format("M{:.1f} {:.1f}", x, y);
    const auto curve = [&](double next_x, double next_y) {
        const double middle = (x + next_x) / 2;
        d += fmt::format("C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", middle, y, middle, next_y,
                         next_x, next_y);
        x = next_x, y = next_y;
    };
    for (std::size_t k = 1; k + 1 < arrow.way.size(); ++k) {
        const LayoutNode& place = plan.nodes[arrow.way[k]];
        const Column& column = columns[place.layer];
        curve(column.left, top + place.middle);
        x = column.left + column.width;
        d += fmt::format("H{:.1f}", x);
    }
    const double part = static_cast<double>(arrow.slot + 1) / static_cast<double>(inputs + 1);
    curve(columns[to.layer].left - 6, top + to.middle + (part - 0.5) * to.height);
    return fmt::format(
        "<path class=\"way\" d=\"{}\"/><path class=\"head\" d=\"M{:.1f} {:.1f}l-2 "
        "-4l8 4l-8 4z\"/>\n",
        d, x, y);
}

std::string box(const DiagramNode& node, const LayoutNode& place, const Column& column,
                double top) {
    const double high = place.height, y = top + place.middle - high / 2;
    std::string out = fmt::format(
        "<rect class=\"box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "rx=\"{}\"/>",
        column.left, y, column.width, high, node.inputs.empty() ? 12 : 2);
    double foot = y + kFont + 3;
    for (std::size_t i = 0; i < node.lines.size(); ++i) {
        const std::string line = svg_text(column.left + column.width / 2, foot, "middle",
                                          fit_width(node.lines[i], kLongestLine));
        out += i == 0 ? "<g class=\"name\">" + line + "</g>\n" : line;
        foot += kLine;
    }
    return out;
}

}  // namespace

std::string svg(const Diagram& diagram) {
    require_drawable(diagram);
    require(diagram.nodes.size() <= kMostNodes, "diagram: {} nodes, must be {} or fewer",
            diagram.nodes.size(), kMostNodes);
    std::vector<double> heights;
    for (const auto& node : diagram.nodes)
        heights.push_back(kLine * static_cast<double>(node.lines.size()) + 8);
    const Layout plan = layout(diagram, heights, kDown);
    std::vector<Column> layers = columns(diagram, plan);
    const double used = layers.back().left + layers.back().width + kMargin;
    const double width = std::max(kPaperWidth, used);
    for (Column& layer : layers) layer.left += (width - used) / 2;

    std::string out =
        svg_begin("diagram", width, plan.height + 2 * kMargin, diagram.caption,
                  "@ .box{fill:#eef3f8;stroke:#456}@ .way{fill:none;stroke:#666;stroke-width:1.3}"
                  "@ .head{fill:#666}@ text{stroke:none}@ "
                  ".name{font-weight:bold}@media screen and (prefers-color-scheme:dark){"
                  "@ .box{fill:#23303c;stroke:#9ab}@ text{stroke:none}@ .way{stroke:#aaa}@ "
                  ".head{fill:#aaa}}");
    for (const auto& way : plan.arrows)
        out += arrow(way, diagram.nodes[way.way.back()].inputs.size(), plan, layers, kMargin);
    for (std::size_t i = 0; i < diagram.nodes.size(); ++i)
        out += box(diagram.nodes[i], plan.nodes[i], layers[plan.nodes[i].layer], kMargin);
    return out + "</svg>\n";
}

}  // namespace gradus
