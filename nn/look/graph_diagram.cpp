// SPDX-License-Identifier: MIT
#include "nn/look/graph_diagram.h"

#include <unordered_map>

#include "autograd/graph.h"

namespace gradus {
namespace {

constexpr Index kShownElements = 4;  // as many as fit into a box

std::string elements(const Tensor& t) {
    if (t.count() > kShownElements) return fmt::format("{}", t.shape());
    std::string text;
    for (Index i = 0; i < t.count(); ++i) text += fmt::format("{}{:.3g}", i ? " " : "", t[i]);
    return text;
}

// "tanh", "w", or "hidden = tanh"
std::string name(const Node& node) {
    if (node.name.empty()) return node.op;
    return node.inputs.empty() ? node.name : node.name + " = " + node.op;
}

}  // namespace

Diagram diagram(const Variable& root) {
    require(root.defined(), "diagram: the variable is undefined");
    Diagram out;
    out.caption = {"What was computed", "Values flow to the right, gradients back to the left.",
                   "a gradient is missing (none was passed back) or 0 (nothing can be learned)."};
    std::unordered_map<const Node*, std::size_t> places;
    for (const Node* node : graph_nodes(root)) {
        DiagramNode box;
        box.lines = {name(*node), "data " + elements(node->value)};
        if (node->grad.defined()) box.lines.push_back("grad " + elements(node->grad));
        for (const auto& input : node->inputs)
            if (input.defined()) box.inputs.push_back(places.at(input.node()));
        places.emplace(node, out.nodes.size());
        out.nodes.push_back(box);
    }
    return out;
}

}  // namespace gradus
