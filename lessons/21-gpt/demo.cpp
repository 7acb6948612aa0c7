// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <map>

#include "autograd/cross_entropy.h"
#include "autograd/graph.h"
#include "tensor/random.h"

namespace gradus::lesson_21 {
namespace {

// For the experiments of the text.
constexpr Index kHeads = 3;      // of the model that is listed and drawn
constexpr Real kTokenTimes = 1;  // the first numbers of the token table, times this

constexpr Sizes kSizes{.V = 27, .P = 8, .C = 12, .NH = kHeads, .layers = 2};

AnyGpt untrained(const Sizes& sizes, std::uint64_t seed) {
    Initialiser init(seed);
    const AnyGpt gpt = part().make_gpt(sizes, init);
    part().first_weights(gpt.parameters(), sizes.layers, init);
    const Tensor& table = gpt.parameters().front().variable.value();
    for (Index i = 0; i < table.count(); ++i) table[i] *= kTokenTimes;
    return gpt;
}

Tokens some_ids(std::uint64_t seed, Index B, Index T, Index V) {
    Random random(seed);
    std::vector<int> id(static_cast<std::size_t>(B * T));
    for (int& one : id) one = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return Tokens({B, T}, id);
}

std::string sizes_of(const Shape& shape) {
    return shape.rank() == 1 ? fmt::format("({})", shape[0])
                             : fmt::format("({}, {})", shape[0], shape[1]);
}

// "block.0.mlp.up" of "block.0.mlp.up.weight".
std::string owner(const std::string& name) {
    return name.substr(0, name.rfind('.'));
}

void list(Stage& stage) {
    stage.say("Your model, by its own list, each weight with its bias:");
    const auto parameters = untrained(kSizes, 1).parameters();
    std::map<std::string, Index> counts;  // of each block
    Index together = 0;
    for (const auto& [name, variable] : parameters) {
        together += variable.value().count();
        if (name.starts_with("block.")) counts[name.substr(0, 7)] += variable.value().count();
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& [name, variable] = parameters[i];
        const std::string of = owner(name), block = name.substr(0, 7);
        Index count = variable.value().count();
        const bool biased = i + 1 < parameters.size() && owner(parameters[i + 1].name) == of;
        if (biased) count += parameters[++i].variable.value().count();
        if (counts.count(block) != 0) {
            if (counts[block] != 0) stage.print(fmt::format("{:<33} {:6}", block, counts[block]));
            counts[block] = 0;
        }
        if (of.starts_with("block.") && block != "block.0") continue;
        const bool inside = block == "block.0";
        stage.print(fmt::format("{:<23}{:>9} {:7}", inside ? "  " + of.substr(8) : of,
                                sizes_of(variable.shape()), count));
    }
    stage.print(fmt::format("{:<33} {:6}\n", "together", together));
}

// The graph that your model records, with what belongs to one of its modules in one box.
Diagram diagram_of(const AnyGpt& gpt, const Variable& scores) {
    std::map<const Node*, std::string> names;
    for (const auto& [name, variable] : gpt.parameters()) names[variable.node()] = name;
    const auto module_of = [](const std::string& name) {  // "mlp" of "block.0.mlp.up.weight"
        const std::string inside = name.starts_with("block.0.") ? name.substr(8) : name;
        return inside.substr(0, inside.find('.'));
    };
    Diagram picture;
    std::map<const Node*, std::size_t> box;
    const auto add_box = [&](const Node* node, const std::string& title) {
        box[node] = picture.nodes.size();
        picture.nodes.push_back({{title}, {}});
    };
    for (const Node* node : graph_nodes(scores)) {
        if (node->inputs.empty()) {
            const std::string name = names.count(node) != 0 ? names.at(node) : "";
            if (name != "token.weight" && name != "position.weight") continue;
            add_box(node, owner(name) + " table");
            picture.nodes.back().lines.push_back(sizes_of(node->value.shape()));
            continue;
        }
        std::vector<std::size_t> from;
        std::string module, line;
        for (const auto& input : node->inputs) {
            if (box.count(input.node()) != 0) {
                from.push_back(box.at(input.node()));
            } else if (names.count(input.node()) != 0) {
                const std::string& name = names.at(input.node());
                module = module_of(name);
                if (module == "norm" || !module.starts_with("norm"))
                    line = input.shape().rank() == 2
                               ? owner(name).substr(owner(name).rfind('.') + 1) + " " +
                                     sizes_of(input.shape())
                               : "";
            }
        }
        const std::string op = node->op;
        const bool follows = from.size() == 1 && picture.nodes[from[0]].lines[0] != "+";
        if (from.size() == 1 && (op == "slice" || op == "reshape")) {
            box[node] = from[0];
        } else if (follows && (module.empty() ? op != "embedding"
                                              : module == picture.nodes[from[0]].lines[0])) {
            box[node] = from[0];
            if (module.empty()) line = op == "attention" ? "heads" : op;
            if (!line.empty()) picture.nodes[from[0]].lines.push_back(line);
        } else {
            add_box(node, !module.empty()                      ? module
                          : op == "add"                        ? "+"
                          : op == "matmul" && from.size() == 2 ? "scores"
                                                               : op);
            if (!line.empty()) picture.nodes.back().lines.push_back(line);
            picture.nodes.back().inputs = from;
        }
    }
    return picture;
}

void model(Stage& stage) {
    Sizes one_block = kSizes;
    one_block.layers = 1;
    const AnyGpt gpt = untrained(one_block, 1);
    Diagram picture = diagram_of(gpt, gpt.forward(some_ids(2, 1, 4, kSizes.V)));
    picture.caption = {
        "Your model with one block, drawn from the graph that it records",
        "the stream, a chain of three +. The first adds the positions; each of the others adds to "
        "the + before it what a norm and attention, or a norm and the Mlp, have made of it. The "
        "token table has two ways out, to the embedding and to the scores.",
        "fewer than three + (a result takes the place of x), a norm whose way leads to a + (it "
        "stands in the stream), or a table with one way out."};
    stage.say("The same with one block, as a picture:");
    stage.show("model", picture);
}

double deviation(const Tensor& x, const Tensor& from) {
    double squares = 0;
    for (Index i = 0; i < x.count(); ++i) {
        const auto added = static_cast<double>(x[i] - from[i]);
        squares += added * added;
    }
    return std::sqrt(squares / static_cast<double>(x.count()));
}

// How much has been added to x after each block, with your first weights or with 0.02 for all.
std::vector<double> added(Index layers, bool yours) {
    const NoGrad no_graph;
    const Index C = 32;
    Initialiser init(3);
    std::vector<AnyModule> blocks;
    std::vector<NamedParameter> all;
    for (Index i = 0; i < layers; ++i) {
        blocks.push_back(part().make_block(C, 4, init));
        for (auto p : blocks.back().parameters()) {
            p.name = fmt::format("block.{}.{}", i, p.name);
            all.push_back(p);
        }
    }
    part().first_weights(all, layers, init);
    for (const auto& p : all)
        if (!yours && p.variable.shape().rank() == 2)
            p.variable.value().copy_from(init.normal(p.variable.shape(), 0.02).value());
    const Tensor start = Tensor::normal({1, 8, C}, Real(0.028), 4);
    Variable x = start;
    std::vector<double> sizes = {0};
    for (const auto& block : blocks) {
        x = block.forward(x);
        sizes.push_back(deviation(x.value(), start));
    }
    return sizes;
}

void stream(Stage& stage) {
    stage.say("How much the blocks have added to the stream (standard deviation), 32 wide:");
    stage.print("layers   all 0.02   yours");
    for (const Index layers : {1, 4, 16})
        stage.print(fmt::format("{:6}   {:8.4f}  {:.4f}", layers, added(layers, false).back(),
                                added(layers, true).back()));
    stage.print("");
    LineChart chart;
    chart.caption = {"What the blocks have added to the stream",
                     "with your first weights a model of 16 blocks ends as high as one of 4. With "
                     "0.02 for all, each block goes on adding as much as the first.",
                     "the lines for 4 and 16 blocks of yours end at different heights (the root of "
                     "2 layers is missing), or all lines lie on one another."};
    chart.x = {"blocks", false}, chart.y = {"what was added", false};
    const auto line = [&](const std::string& name, Index layers, bool yours) {
        Line drawn{name, {}, added(layers, yours)};
        for (std::size_t i = 0; i < drawn.y.size(); ++i) drawn.x.push_back(static_cast<double>(i));
        chart.lines.push_back(drawn);
    };
    line("16 blocks, all 0.02", 16, false);
    line("16 blocks, yours", 16, true);
    line("4 blocks, yours", 4, true);
    stage.show("stream", chart);
}

double loss(Index V) {
    const NoGrad no_graph;
    const AnyGpt gpt = untrained({.V = V, .P = 16, .C = 16, .NH = 4, .layers = 2}, 5);
    const Variable scores = gpt.forward(some_ids(6, 8, 16, V));
    return static_cast<double>(cross_entropy(scores, some_ids(7, 8, 16, V)).item());
}

void losses(Stage& stage) {
    stage.say("The loss before any training, for tokens drawn at random:");
    stage.print("   V     ln V     loss");
    for (const Index V : {27, 256, 2000})
        stage.print(
            fmt::format("{:4}   {:.4f}   {:.4f}", V, std::log(static_cast<double>(V)), loss(V)));
    stage.print("");
}

std::string with_commas(Index n) {
    std::string text = std::to_string(n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

void counts(Stage& stage) {
    stage.say("And how many parameters other models have, by your count:");
    struct Model {
        const char* name;
        Sizes sizes;
    };
    for (const auto& [name, sizes] : {Model{"GPT-2 small", {50257, 1024, 768, 12, 12}},
                                      Model{"GPT-2 medium", {50257, 1024, 1024, 16, 24}},
                                      Model{"GPT-2 large", {50257, 1024, 1280, 20, 36}},
                                      Model{"GPT-2 XL", {50257, 1024, 1600, 25, 48}},
                                      Model{"GPT-3", {50257, 2048, 12288, 96, 96}}})
        stage.print(
            fmt::format("{:<13} {:>15}", name, with_commas(part().count_parameters(sizes))));
}

const Demo demo([](Stage& stage) {
    list(stage);
    model(stage);
    stream(stage);
    losses(stage);
    counts(stage);
});

double gelu(double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

const WorkedNumbers numbers([] {
    fmt::print("gelu of 1, -1, 2: {:.4f} {:.4f} {:.4f}\n", gelu(1), gelu(-1), gelu(2));
    fmt::print("{:.4f}\n", gelu(1) + gelu(-1) + 2 * gelu(2) + 10);
    for (const double layers : {2.0, 12.0})
        fmt::print("{} / sqrt(2 * {:.0f}) = {:.4g}\n", 0.02, layers,
                   std::round(1e4 * 0.02 / std::sqrt(2 * layers)) / 1e4);
    for (const double V : {27.0, 50257.0}) fmt::print("ln {:.0f} = {:.4f}\n", V, std::log(V));
    for (const double C : {16.0, 768.0})
        fmt::print("C {:.0f}: {:.4f} C / 2 = {:.2g}\n", C, 0.02 * 0.02, 0.02 * 0.02 * C / 2);
    fmt::print("{:.3f}\n", 0.003);
});

}  // namespace
}  // namespace gradus::lesson_21
