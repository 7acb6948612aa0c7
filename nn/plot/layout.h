// SPDX-License-Identifier: MIT
// Places the nodes of a diagram in layers from left to right, with few crossings and short arrows.
// After Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical system
// structures".
#pragma once

#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// A box, or the place where an arrow passes through a layer.
struct LayoutNode {
    std::size_t layer = 0;  // from the left
    double middle = 0;      // y of its centre; 0 is the top
    double height = 0;      // 0: an arrow passing through
};

struct LayoutArrow {
    // Indices of nodes, one per layer, from the input to the node that uses it.
    std::vector<std::size_t> way;
    std::size_t slot = 0;  // its place among the arrows into that node, from the top
};

struct Layout {
    std::vector<LayoutNode> nodes;  // the diagram's, in order; then one per layer an arrow crosses
    std::vector<LayoutArrow> arrows;
    std::size_t layers = 0;
    double height = 0;
};

// heights: the height of each node's box. Boxes in the same layer are at least `gap` apart. Every
// node is placed as far right as possible while left of the nodes that use it, so that inputs are
// next to where they are used.
Layout layout(const Diagram& diagram, const std::vector<double>& heights, double gap);

}  // namespace gradus
