// SPDX-License-Identifier: MIT
#include "autograd/graph.h"

#include <algorithm>
#include <unordered_map>

namespace gradus {
namespace {

constexpr Index kShownNumbers = 6;  // tensors up to this size are printed with their elements

std::string numbers(const Tensor& t) {
    if (t.count() > kShownNumbers) return "...";
    std::string text;
    for (Index i = 0; i < t.count(); ++i) text += fmt::format("{}{:.4g}", i ? " " : "", t[i]);
    return text;
}

std::string label(const Node& node) {
    std::string text = fmt::format("{} {} = {}", node.name.empty() ? node.op : node.name,
                                   node.value.shape(), numbers(node.value));
    if (node.grad.defined()) text += ", grad " + numbers(node.grad);
    return text;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

// Numbers the nodes, each by its index in `nodes`.
std::unordered_map<const Node*, std::size_t> number_nodes(const std::vector<const Node*>& nodes) {
    std::unordered_map<const Node*, std::size_t> numbers;
    for (const Node* node : nodes) numbers.emplace(node, numbers.size());
    return numbers;
}

}  // namespace

std::vector<const Node*> graph_nodes(const Variable& root) {
    std::vector<const Node*> nodes, work{root.node()};
    std::unordered_map<const Node*, bool> seen{{root.node(), true}};
    while (!work.empty()) {
        const Node* node = work.back();
        work.pop_back();
        nodes.push_back(node);
        for (const auto& input : node->inputs)
            if (input.defined() && seen.emplace(input.node(), true).second)
                work.push_back(input.node());
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const Node* a, const Node* b) { return a->number < b->number; });
    return nodes;
}

std::string graph_dot(const Variable& root) {
    const auto nodes = graph_nodes(root);
    auto number = number_nodes(nodes);
    std::string dot =
        "digraph gradus {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n";
    for (const Node* node : nodes) {
        dot += fmt::format("  n{} [label=\"{}\"{}];\n", number[node], escaped(label(*node)),
                           node->inputs.empty() ? ", style=rounded" : "");
        for (const auto& input : node->inputs)
            if (input.defined())
                dot += fmt::format("  n{} -> n{};\n", number[input.node()], number[node]);
    }
    return dot + "}\n";
}

std::string graph_text(const Variable& root) {
    auto number = number_nodes(graph_nodes(root));
    std::unordered_map<const Node*, bool> printed;
    std::string text;
    std::vector<std::pair<const Node*, std::size_t>> work{{root.node(), 0}};  // node and depth
    while (!work.empty()) {
        const auto [node, depth] = work.back();
        work.pop_back();
        text += std::string(2 * depth, ' ');
        if (!printed.emplace(node, true).second) {
            text += fmt::format("see #{}\n", number[node]);
            continue;
        }
        text += fmt::format("#{} {}\n", number[node], label(*node));
        for (auto input = node->inputs.rbegin(); input != node->inputs.rend(); ++input)
            if (input->defined()) work.emplace_back(input->node(), depth + 1);
    }
    return text;
}

}  // namespace gradus
