// SPDX-License-Identifier: MIT
// Where the nodes of a diagram go: layers from left to right, few crossings, short arrows. After
// Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical system
// structures".
#pragma once

#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// A box, or a place at which an arrow passes a layer.
struct LayoutNode {
    std::size_t layer = 0;  // from the left
    double middle = 0;      // height of its middle, from 0 down
    double height = 0;      // 0: an arrow passes
};

struct LayoutArrow {
    // Of LayoutNodes, one in each layer from the input to the result.
    std::vector<std::size_t> way;
    std::size_t slot = 0;  // its place among the arrows into the result, from the top
};

struct Layout {
    std::vector<LayoutNode> nodes;  // those of the diagram in its order, then the passing places
    std::vector<LayoutArrow> arrows;
    std::size_t layers = 0;
    double height = 0;
};

// heights: of the boxes, as many as there are nodes; `gap` lies between two of them at least. Every
// node is as far right as what is made of it allows, so that inputs stand beside their use.
Layout layout(const Diagram& diagram, const std::vector<double>& heights, double gap);

}  // namespace gradus
