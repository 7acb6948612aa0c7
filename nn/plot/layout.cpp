// SPDX-License-Identifier: MIT
#include "nn/plot/layout.h"

#include <algorithm>

namespace gradus {
namespace {

constexpr int kSweeps = 12;  // back and forth; the order stops changing after a few

using Order = std::vector<std::vector<std::size_t>>;  // the nodes of each layer, top to bottom

// The neighbours of each node, one layer to the left and one to the right.
struct Neighbours {
    std::vector<std::vector<std::size_t>> left, right;
};

// A node's layer is the length of its longest path to a result, then renumbered from the left.
void assign_layers(const Diagram& diagram, Layout& out) {
    for (std::size_t i = diagram.nodes.size(); i-- > 0;) {
        out.layers = std::max(out.layers, out.nodes[i].layer + 1);
        for (const std::size_t input : diagram.nodes[i].inputs)
            out.nodes[input].layer = std::max(out.nodes[input].layer, out.nodes[i].layer + 1);
    }
    for (auto& node : out.nodes) node.layer = out.layers - 1 - node.layer;
}

// An arrow that spans several layers gets a place in each.
Neighbours add_arrows(const Diagram& diagram, Layout& out) {
    for (std::size_t i = 0; i < diagram.nodes.size(); ++i) {
        for (const std::size_t input : diagram.nodes[i].inputs) {
            LayoutArrow arrow{{input}, 0};
            for (std::size_t l = out.nodes[input].layer + 1; l < out.nodes[i].layer; ++l) {
                arrow.way.push_back(out.nodes.size());
                out.nodes.push_back({l, 0, 0});
            }
            arrow.way.push_back(i);
            out.arrows.push_back(arrow);
        }
    }
    Neighbours joined{std::vector<std::vector<std::size_t>>(out.nodes.size()),
                      std::vector<std::vector<std::size_t>>(out.nodes.size())};
    for (const auto& arrow : out.arrows) {
        for (std::size_t k = 1; k < arrow.way.size(); ++k) {
            joined.left[arrow.way[k]].push_back(arrow.way[k - 1]);
            joined.right[arrow.way[k - 1]].push_back(arrow.way[k]);
        }
    }
    return joined;
}

std::vector<double> places(const Order& order, std::size_t nodes) {
    std::vector<double> place(nodes);
    for (const auto& layer : order)
        for (std::size_t i = 0; i < layer.size(); ++i) place[layer[i]] = static_cast<double>(i);
    return place;
}

double mean_of(const std::vector<std::size_t>& nodes, const std::vector<double>& values,
               double otherwise) {
    if (nodes.empty()) return otherwise;
    double sum = 0;
    for (const std::size_t node : nodes) sum += values[node];
    return sum / static_cast<double>(nodes.size());
}

// Pairs of arrows that cross between neighbouring layers.
std::size_t crossings(const Order& order, const Neighbours& joined, std::size_t nodes) {
    const std::vector<double> place = places(order, nodes);
    std::size_t count = 0;
    for (const auto& layer : order) {
        std::vector<double> ends;  // where this layer's arrows end, in the order they begin
        for (const std::size_t node : layer) {
            std::vector<double> own;
            for (const std::size_t to : joined.right[node]) own.push_back(place[to]);
            for (const double end : own)
                count += static_cast<std::size_t>(std::count_if(
                    ends.begin(), ends.end(), [&](double before) { return before > end; }));
            ends.insert(ends.end(), own.begin(), own.end());
        }
    }
    return count;
}

// As a tree is drawn: the results one below the other, and to their left their inputs in order.
Order first_order(const Layout& graph, const Neighbours& joined) {
    Order order(graph.layers);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (joined.right[i].empty()) order.back().push_back(i);
    std::vector<bool> seen(graph.nodes.size());
    for (std::size_t l = graph.layers; l-- > 1;)
        for (const std::size_t node : order[l])
            for (const std::size_t input : joined.left[node]) {
                if (!seen[input]) order[l - 1].push_back(input);
                seen[input] = true;
            }
    return order;
}

// Sorts the nodes of one layer after another by the mean place of their neighbours in the layer
// before, sweeping to the right and back again; returns the best order seen.
Order order_layers(const Layout& graph, const Neighbours& joined) {
    Order order = first_order(graph, joined), best = order;
    std::size_t fewest = crossings(order, joined, graph.nodes.size());
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
        const bool rightwards = sweep % 2 == 0;
        for (std::size_t k = 0; k < graph.layers; ++k) {
            auto& layer = order[rightwards ? k : graph.layers - 1 - k];
            const std::vector<double> place = places(order, graph.nodes.size());
            const auto& neighbours = rightwards ? joined.left : joined.right;
            std::stable_sort(layer.begin(), layer.end(), [&](std::size_t a, std::size_t b) {
                return mean_of(neighbours[a], place, place[a]) <
                       mean_of(neighbours[b], place, place[b]);
            });
        }
        const std::size_t now = crossings(order, joined, graph.nodes.size());
        if (now < fewest) best = order, fewest = now;
    }
    return best;
}

// Moves the nodes of a layer as close to `wanted` as their order and the gap allow, by least
// squares. Neighbours that push each other merge into a block, which moves to the mean of what its
// nodes want (pool adjacent violators; Ayer et al. 1955).
void settle(const std::vector<std::size_t>& layer, const std::vector<double>& wanted, double gap,
            std::vector<LayoutNode>& nodes) {
    struct Block {
        double sum, size;  // sum of wanted - offset over the nodes, and their number
        double place() const { return sum / size; }
    };
    std::vector<Block> blocks;
    std::vector<double> offsets;  // from the layer's first node, with all packed tightly
    for (std::size_t i = 0; i < layer.size(); ++i) {
        offsets.push_back(i == 0 ? 0
                                 : offsets[i - 1] + gap +
                                       (nodes[layer[i - 1]].height + nodes[layer[i]].height) / 2);
        blocks.push_back({wanted[layer[i]] - offsets[i], 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].place() > blocks.back().place()) {
            blocks[blocks.size() - 2].sum += blocks.back().sum;
            blocks[blocks.size() - 2].size += blocks.back().size;
            blocks.pop_back();
        }
    }
    std::size_t i = 0;
    for (const Block& block : blocks)
        for (double k = 0; k < block.size; ++k, ++i)
            nodes[layer[i]].middle = block.place() + offsets[i];
}

// Back and forth: each node wants to be at the mean height of its neighbours.
void place_nodes(const Order& order, const Neighbours& joined, double gap, Layout& out) {
    std::vector<double> wanted(out.nodes.size());
    for (const auto& layer : order) settle(layer, wanted, gap, out.nodes);
    for (int sweep = 0; sweep <= kSweeps; ++sweep) {
        const bool rightwards = sweep % 2 == 1;
        for (std::size_t k = 0; k < out.layers; ++k) {
            const auto& layer = order[rightwards ? k : out.layers - 1 - k];
            std::vector<double> middle;
            for (const auto& node : out.nodes) middle.push_back(node.middle);
            for (const std::size_t i : layer)
                wanted[i] =
                    mean_of(rightwards ? joined.left[i] : joined.right[i], middle, middle[i]);
            settle(layer, wanted, gap, out.nodes);
        }
    }
    double top = out.nodes[0].middle, bottom = top;
    for (const auto& node : out.nodes) {
        top = std::min(top, node.middle - node.height / 2);
        bottom = std::max(bottom, node.middle + node.height / 2);
    }
    for (auto& node : out.nodes) node.middle -= top;
    out.height = bottom - top;
}

// Arrows into one box are attached in the order of the heights they come from, so that they do not
// cross at its side.
void number_slots(Layout& out) {
    std::vector<LayoutArrow*> arrows;
    for (auto& arrow : out.arrows) arrows.push_back(&arrow);
    const auto height = [&](const LayoutArrow* arrow) {
        return out.nodes[arrow->way[arrow->way.size() - 2]].middle;
    };
    std::stable_sort(arrows.begin(), arrows.end(),
                     [&](auto* a, auto* b) { return height(a) < height(b); });
    std::vector<std::size_t> arrived(out.nodes.size());
    for (LayoutArrow* arrow : arrows) arrow->slot = arrived[arrow->way.back()]++;
}

}  // namespace

Layout layout(const Diagram& diagram, const std::vector<double>& heights, double gap) {
    Layout out;
    for (const double height : heights) out.nodes.push_back({0, 0, height});
    assign_layers(diagram, out);
    const Neighbours joined = add_arrows(diagram, out);
    place_nodes(order_layers(out, joined), joined, gap, out);
    number_slots(out);
    return out;
}

}  // namespace gradus
