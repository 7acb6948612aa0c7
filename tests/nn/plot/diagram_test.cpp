// SPDX-License-Identifier: MIT
// Diagrams: arrows run to the right, boxes keep apart, a tree has no crossings.
#include <doctest/doctest.h>

#include <random>

#include "autograd/all.h"
#include "autograd/graph.h"
#include "nn/look/graph_diagram.h"
#include "nn/plot/layout.h"
#include "nn/plot/svg.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

Variable number(double x, const char* name) {
    return parameter(Tensor::scalar(static_cast<Real>(x))).named(name);
}

// A diagram of n nodes; each but the first few uses two earlier ones.
Diagram random_diagram(std::size_t n, unsigned seed) {
    std::mt19937 random(seed);
    Diagram out;
    for (std::size_t i = 0; i < n; ++i) {
        DiagramNode node{{"n" + std::to_string(i), "data 1"}, {}};
        for (int k = 0; i >= 4 && k < 2; ++k) node.inputs.push_back(i - 1 - random() % 4);
        out.nodes.push_back(node);
    }
    return out;
}

// How many pairs of arrows cross between two layers, counted by brute force.
int crossings(const Layout& plan) {
    struct Piece {
        std::size_t layer;
        double from, to;
    };
    std::vector<Piece> pieces;
    for (const auto& arrow : plan.arrows)
        for (std::size_t k = 1; k < arrow.way.size(); ++k)
            pieces.push_back({plan.nodes[arrow.way[k]].layer, plan.nodes[arrow.way[k - 1]].middle,
                              plan.nodes[arrow.way[k]].middle});
    int count = 0;
    for (const Piece& a : pieces)
        for (const Piece& b : pieces) count += a.layer == b.layer && a.from < b.from && a.to > b.to;
    return count;
}

}  // namespace

TEST_CASE("every arrow passes each layer between its ends, and boxes of a layer keep apart") {
    for (const unsigned seed : {1, 2, 3}) {
        const Diagram diagram = random_diagram(60, seed);
        const Layout plan = layout(diagram, std::vector<double>(60, 40), 14);
        CHECK(plan.arrows.size() == 2 * 56);
        for (const auto& arrow : plan.arrows)
            for (std::size_t k = 1; k < arrow.way.size(); ++k)
                CHECK(plan.nodes[arrow.way[k]].layer == plan.nodes[arrow.way[k - 1]].layer + 1);
        for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
            const LayoutNode& a = plan.nodes[i];
            CHECK(a.middle - a.height / 2 >= -1e-9);
            CHECK(a.middle + a.height / 2 <= plan.height + 1e-9);
            for (std::size_t j = 0; j < i; ++j) {
                const LayoutNode& b = plan.nodes[j];
                if (a.layer != b.layer) continue;
                CHECK(std::abs(a.middle - b.middle) >= (a.height + b.height) / 2 + 14 - 1e-9);
            }
        }
    }
}

TEST_CASE("a tree is drawn without crossings, its inputs in order, the result in their middle") {
    Diagram tree;  // 7 from 5 and 6, 5 from 0 and 1, 6 from 2, 3 and 4
    for (const char* name : {"a", "b", "c", "d", "e"}) tree.nodes.push_back({{name}, {}});
    tree.nodes.push_back({{"f"}, {0, 1}});
    tree.nodes.push_back({{"g"}, {2, 3, 4}});
    tree.nodes.push_back({{"h"}, {5, 6}});
    const Layout plan = layout(tree, std::vector<double>(8, 20), 10);
    CHECK(plan.layers == 3);
    CHECK(crossings(plan) == 0);
    for (std::size_t i = 1; i < 5; ++i) CHECK(plan.nodes[i].middle > plan.nodes[i - 1].middle);
    CHECK(plan.nodes[7].middle ==
          doctest::Approx((plan.nodes[5].middle + plan.nodes[6].middle) / 2));
    CHECK(plan.height == doctest::Approx(5 * 20 + 4 * 10));
}

TEST_CASE("sweeping removes crossings") {
    // Written down crosswise: e and g are both made of a and c, f and h of b and d.
    Diagram diagram;
    for (const char* name : {"a", "b", "c", "d"}) diagram.nodes.push_back({{name}, {}});
    diagram.nodes.push_back({{"e"}, {0, 2}});
    diagram.nodes.push_back({{"f"}, {1, 3}});
    diagram.nodes.push_back({{"g"}, {2, 0}});
    diagram.nodes.push_back({{"h"}, {3, 1}});
    diagram.nodes.push_back({{"i"}, {4, 5, 6, 7}});
    // e and g share both inputs, as do f and h: one crossing per pair is unavoidable.
    CHECK(crossings(layout(diagram, std::vector<double>(9, 20), 10)) == 2);
}

TEST_CASE("an input is in the layer before its use, however short its own path is") {
    const Variable x = number(2, "x"), b = number(1, "b");
    const Diagram diagram = gradus::diagram(tanh(x * x) + b);
    const Layout plan = layout(diagram, std::vector<double>(diagram.nodes.size(), 20), 10);
    CHECK(plan.layers == 4);
    CHECK(plan.nodes[0].layer == 0);  // x
    CHECK(plan.nodes[1].layer == 2);  // b
}

TEST_CASE("the graph of a variable becomes boxes with names, data and gradients") {
    const Variable x = number(2, "x"), w = number(-3, "w");
    const Variable y = (x * w + x).named("y");
    y.backward(RetainGraph::yes);
    const Diagram diagram = gradus::diagram(y);
    REQUIRE(diagram.nodes.size() == 4);
    CHECK(diagram.nodes[0].lines == std::vector<std::string>{"x", "data 2", "grad -2"});
    CHECK(diagram.nodes[2].lines == std::vector<std::string>{"mul", "data -6", "grad 1"});
    CHECK(diagram.nodes[3].lines == std::vector<std::string>{"y = add", "data -4", "grad 1"});
    CHECK(diagram.nodes[3].inputs == std::vector<std::size_t>{2, 0});
    CHECK(graph_nodes(y).size() == 4);
    CHECK(gradus::diagram(Variable(Tensor({2, 3}))).nodes[0].lines[1] == "data (2, 3)");
    CHECK_THROWS_WITH(gradus::diagram(Variable()), "diagram: the variable is undefined");
}

TEST_CASE("in the terminal it is a tree, and a node used twice is drawn out once") {
    const Variable x = number(2, "x");
    const Variable m = x * x, y = m * m + x;
    CHECK(text(diagram(y), {.unicode = true}) ==
          "add: data 18\n"
          "├ mul: data 16\n"
          "│ ├ #1 mul: data 4\n"
          "│ │ ├ #0 x: data 2\n"
          "│ │ └ see #0 x\n"
          "│ └ see #1 mul\n"
          "└ see #0 x\n");
    CHECK(text(diagram(y), {.unicode = false}) ==
          "add: data 18\n"
          "|-mul: data 16\n"
          "| |-#1 mul: data 4\n"
          "| | |-#0 x: data 2\n"
          "| | `-see #0 x\n"
          "| `-see #1 mul\n"
          "`-see #0 x\n");
    for (const auto& line : lines_of(text(random_diagram(100, 1), {.columns = 20})))
        CHECK(display_width(line) <= 20);
}

TEST_CASE("on paper there are a box for each node and an arrow for each use") {
    const Variable x = number(2, "<x>");
    const std::string picture = svg(diagram(x * x + number(1, "b")));
    CHECK(count_of(picture, "class=\"box\"") == 4);
    CHECK(count_of(picture, "class=\"head\"") == 4);
    CHECK(count_of(picture, "rx=\"12\"") == 2);  // x and b
    CHECK(count_of(picture, ">&lt;x&gt;</text>") == 1);
    CHECK(contains(picture, "<title>What was computed</title>"));
    CHECK(contains(picture, "viewBox=\"0 0 640 "));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(svg(random_diagram(60, 1)).size() < 60'000);
}

TEST_CASE("diagrams with a cycle, without nodes or with too many are refused") {
    CHECK_THROWS_WITH(svg(Diagram{}), "diagram: there is nothing to draw");
    Diagram circle;
    circle.nodes = {{{"a"}, {0}}};
    const char* before = "diagram: node 0 has input 0, must come before it";
    CHECK_THROWS_WITH(svg(circle), before);
    CHECK_THROWS_WITH(text(circle, {}), before);
    circle.nodes = {{{}, {}}};
    CHECK_THROWS_WITH(svg(circle), "diagram: node 0 has no text");
    CHECK_THROWS_WITH(svg(random_diagram(201, 1)), "diagram: 201 nodes, must be 200 or fewer");
    CHECK_THROWS_AS(text(random_diagram(5, 1), {.columns = 19}), std::invalid_argument);
}
