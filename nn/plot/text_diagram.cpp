// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include "nn/plot/drawable.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// "tanh: data 0.71, grad 0.5"
std::string words(const DiagramNode& node) {
    std::string out;
    for (std::size_t i = 0; i < node.lines.size(); ++i)
        out += (i == 0 ? "" : i == 1 ? ": " : ", ") + node.lines[i];
    return out;
}

// A node to print, the prefix of its line, and the prefix of its inputs' lines.
struct Work {
    std::size_t node;
    std::string before, below;
};

}  // namespace

std::string text(const Diagram& diagram, const TextStyle& style) {
    require_drawable(diagram);
    require(style.columns >= 20, "diagram: {} columns, must be 20 or more", style.columns);
    const auto& nodes = diagram.nodes;
    std::vector<int> uses(nodes.size());
    for (const auto& node : nodes)
        for (const std::size_t input : node.inputs) ++uses[input];

    std::string out;
    std::vector<bool> drawn(nodes.size());
    std::vector<Work> work;  // no recursion: a diagram may be as deep as it has nodes
    for (std::size_t i = nodes.size(); i-- > 0;)
        if (uses[i] == 0) work.push_back({i, "", ""});
    while (!work.empty()) {
        const Work now = work.back();
        work.pop_back();
        const DiagramNode& node = nodes[now.node];
        const std::string number = uses[now.node] > 1 ? fmt::format("#{} ", now.node) : "";
        const std::string line =
            now.before + (drawn[now.node] ? "see " + number + node.lines[0] : number + words(node));
        out += std::string(fit_width(line, style.columns)) + '\n';
        if (drawn[now.node]) continue;
        drawn[now.node] = true;
        for (std::size_t i = node.inputs.size(); i-- > 0;) {
            const bool last = i + 1 == node.inputs.size();
            const char* branch = style.unicode ? (last ? "└ " : "├ ") : (last ? "`-" : "|-");
            const char* trunk = last ? "  " : style.unicode ? "│ " : "| ";
            work.push_back({node.inputs[i], now.below + branch, now.below + trunk});
        }
    }
    return out;
}

}  // namespace gradus
