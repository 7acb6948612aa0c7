// SPDX-License-Identifier: MIT
// Places the nodes of a diagram: layers from left to right, few crossings, short arrows. After
// Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical system
// structures".
#pragma once

#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// A box, or the place where an arrow passes through a layer.
struct LayoutNode {
    std::size_t layer = 0;  // from the left
    double middle = 0;      // y of its middle, 0 at the top
    double height = 0;      // 0: an arrow passing through
};

struct LayoutArrow {
    // Indices of nodes, one in each layer from the input to the result.
    std::vector<std::size_t> way;
    std::size_t slot = 0;  // its place among the arrows into the result, from the top
};

struct Layout {
    std::vector<LayoutNode> nodes;  // the diagram's, in its order, then those of passing arrows
    std::vector<LayoutArrow> arrows;
    std::size_t layers = 0;
    double height = 0;
};

// heights: of the boxes, one per node; two boxes of a layer are at least `gap` apart. Every node is
// as far right as the nodes that use it allow, so that inputs are next to where they are used.
Layout layout(const Diagram& diagram, const std::vector<double>& heights, double gap);

}  // namespace gradus
