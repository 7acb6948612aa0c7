// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>
#include <tuple>
#include <unordered_map>

#include "autograd/cross_entropy.h"
#include "autograd/embedding.h"
#include "autograd/graph.h"
#include "autograd/reduce.h"
#include "nn/data/sequences.h"
#include "nn/models/gpt.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_14 {
namespace {

constexpr Index kSteps = 50;  // the distance that is to be bridged
constexpr Index kUnits = 16;  // H
constexpr Index kTraining = 300, kEvery = 20, kRows = 8;
constexpr Real kRate = Real(0.02);

Weights first_weights(Index C, Index H, Index G, Initialiser& init) {
    return {init.normal({C, G}, 1 / std::sqrt(static_cast<double>(C))),
            init.normal({H, G}, 1 / std::sqrt(static_cast<double>(H))),
            Initialiser::constant({G}, 0)};
}

Cell rnn(const Weights& w) {
    return [w](const Variable& x, const State& before) {
        return State{part().rnn_step(w, x, before.h), before.c};
    };
}

Cell lstm(const Weights& w) {
    return [w](const Variable& x, const State& before) { return part().lstm_step(w, x, before); };
}

State zeros(Index B, Index H) {
    return {parameter(Tensor({B, H})), parameter(Tensor({B, H}))};
}

double length_of(const Tensor& gradient) {
    double sum = 0;
    for (const Real g : gradient.to_vector()) sum += g * g;
    return std::sqrt(sum);
}

// How much of the gradient of the last h reaches the state `distance` steps before: of h, or of c
// where there is one. As a share of what the last state itself gets.
enum class Kept { h, c };
Line gradient_line(const std::string& name, const Cell& cell, Kept kept) {
    std::vector<State> states;
    const Cell noted = [&](const Variable& x, const State& before) {
        states.push_back(cell(x, before));
        return states.back();
    };
    State state = zeros(1, kUnits);
    part().run(noted, Tensor::normal({1, kSteps + 1, 4}, 1, 5), state);
    const Variable& last = kept == Kept::h ? state.h : state.c;
    sum(last * Variable(Tensor::normal(last.shape(), 1, 6))).backward(RetainGraph::yes);
    const auto gradient = [&](Index distance) {
        const State& at = states[static_cast<std::size_t>(kSteps - distance)];
        return length_of((kept == Kept::h ? at.h : at.c).grad());
    };
    Line line{name, {}, {}};
    for (Index d = 0; d <= kSteps; ++d) {
        line.x.push_back(static_cast<double>(d));
        line.y.push_back(gradient(d) / gradient(0));
    }
    return line;
}

// The most operations that follow one another on a way from a leaf to this result.
Index longest_path(const Variable& result) {
    std::unordered_map<const Node*, Index> path;
    for (const Node* node : graph_nodes(result)) {
        Index longest = 0;
        for (const auto& input : node->inputs)
            longest = std::max(longest, path.at(input.node()) + 1);
        path[node] = longest;
    }
    return path.at(result.node());
}

Index path_of(const Cell& cell, Index T) {
    State state = zeros(1, kUnits);
    return longest_path(part().run(cell, Tensor::normal({1, T, 4}, 1, 5), state));
}

Index gpt_path(Index T) {
    const Gpt gpt({.layers = 2, .heads = 2, .width = kUnits, .context = 40, .vocabulary = 8}, 1);
    return longest_path(gpt(Tokens({1, T}, std::vector<int>(static_cast<std::size_t>(T)))));
}

// What learns to remember a symbol: a table, a cell, and a layer that reads the last h.
struct Rememberer {
    Variable table;
    Weights w;
    Variable out;
    bool gated;

    Rememberer(const LatchTask& task, bool with_gates, Index memory, Initialiser init)
        : table(init.normal({task.vocabulary(), kUnits}, 1)),
          w(first_weights(kUnits, kUnits, with_gates ? 4 * kUnits : kUnits, init)),
          out(init.normal({kUnits, LatchTask::kSymbols}, 0.25)),
          gated(with_gates) {
        if (gated) w.bias = part().first_bias(kUnits, memory);
    }
    void parameters(auto&& visit) {
        visit("table", table), visit("from_x", w.from_x), visit("from_h", w.from_h);
        visit("bias", w.bias), visit("out", out);
    }
    Variable operator()(const Tokens& ids) const {
        const Index B = ids.shape[0];
        State state = {Variable(Tensor({B, kUnits})), Variable(Tensor({B, kUnits}))};
        part().run(gated ? lstm(w) : rnn(w), embedding(table, ids), state);
        return matmul(state.h, out);
    }
};

Tokens last_targets(const Batch& batch) {
    const Index B = batch.targets.shape[0], T = batch.targets.shape[1];
    std::vector<int> last;
    for (Index b = 0; b < B; ++b) last.push_back(batch.targets.id[b * T + T - 1]);
    return Tokens({B}, last);
}

struct Taught {
    Line loss;
    Index right;  // of 100 that it has not seen
};

Taught teach(const std::string& name, bool gated, Index memory) {
    const LatchTask task{kSteps};
    Rememberer model(task, gated, memory, Initialiser(1));
    AdamW optimiser(named_parameters(model));
    Taught taught{{name, {}, {}}, 0};
    double recent = 0;
    for (Index step = 0; step < kTraining; ++step) {
        const Batch batch = task.batch(1, Stream::data, step * kRows, kRows);
        optimiser.zero_grad();
        const Variable loss = cross_entropy(model(batch.inputs), last_targets(batch));
        loss.backward();
        const double norm = gradient_norm(optimiser.parameters());
        optimiser.step(kRate, static_cast<Real>(std::min(1.0, 1 / norm)));
        recent += loss.item() / static_cast<double>(kEvery);
        if ((step + 1) % kEvery == 0) {
            taught.loss.x.push_back(static_cast<double>(step + 1));
            taught.loss.y.push_back(recent);
            recent = 0;
        }
    }
    const NoGrad no_graph;
    const Index rows = 100;
    const Batch batch = task.batch(1, Stream::validation, 0, rows);
    const Tensor scores = model(batch.inputs).value();
    const Tokens targets = last_targets(batch);
    Index right = 0;
    for (Index b = 0; b < rows; ++b) {
        const Real* row = &scores[b * scores.size(1)];
        right += std::max_element(row, row + scores.size(1)) - row == targets.id[b];
    }
    taught.right = right;
    return taught;
}

const Demo demo([](Stage& stage) {
    Initialiser init(1);
    const Weights plain = first_weights(4, kUnits, kUnits, init);
    Weights gated = first_weights(4, kUnits, 4 * kUnits, init);

    stage.say("How much of the gradient at the end reaches a state so many steps before?");
    LineChart chart;
    chart.caption = {
        "The gradient against the distance that it has come",
        "the line of the tanh cell falls to nothing, and so does that of an LSTM whose "
        "forget gate begins half open. With the bias ln 49 a good part arrives.",
        "two lines of an LSTM that are the same: the forget gate does not see its "
        "bias. A line that ends after a step: the history is cut."};
    chart.x = {"steps back"}, chart.y = {"share that arrives", true};
    chart.lines = {gradient_line("tanh cell", rnn(plain), Kept::h)};
    for (const auto& [name, memory] :
         {std::pair("LSTM, bias 0", Index(2)), {"LSTM, bias ln 49", kSteps}}) {
        gated.bias = part().first_bias(kUnits, memory);
        chart.lines.push_back(gradient_line(name, lstm(gated), Kept::c));
    }
    stage.show("gradient", chart);
    stage.print(fmt::format("{:<18}{:7}  {:7}", "steps back", kSteps / 5, kSteps));
    for (const auto& line : chart.lines)
        stage.print(
            fmt::format("{:<18}{:7.1g}  {:7.1g}", line.name, line.y[kSteps / 5], line.y[kSteps]));

    stage.say(
        fmt::format("Three cells learn to keep one of 8 symbols through {} steps of noise. "
                    "Afterwards they are asked for 100 that they have not seen:",
                    kSteps));
    LineChart losses;
    losses.caption = {"The loss while the cells learn to remember",
                      "one line falls to nearly 0. The others stay at ln 8, which is what guessing "
                      "costs.",
                      "all lines stay at ln 8: the state is not handed on, or no gradient is."};
    losses.x = {"step"}, losses.y = {"loss, nats per answer"};
    losses.levels = {{"without memory, ln 8", LatchTask{kSteps}.memoryless_loss()}};
    stage.print("                  right of 100");
    for (const auto& [name, gated_too, memory] : {std::tuple("tanh cell", false, Index(2)),
                                                  {"LSTM, bias 0", true, Index(2)},
                                                  {"LSTM, bias ln 49", true, kSteps}}) {
        const Taught taught = teach(name, gated_too, memory);
        losses.lines.push_back(taught.loss);
        stage.print(fmt::format("{:<17}{:9}", name, taught.right));
    }
    stage.print("");
    stage.show("latch", losses);

    stage.say("Steps that must follow one another, at two lengths of text:");
    stage.print("              T = 20   T = 40");
    for (const auto& [name, cell] : {std::pair("tanh cell", rnn(plain)), {"LSTM", lstm(gated)}})
        stage.print(fmt::format("{:<16}{:4}     {:4}", name, path_of(cell, 20), path_of(cell, 40)));
    stage.print(fmt::format("{:<16}{:4}     {:4}", "GPT, 2 blocks", gpt_path(20), gpt_path(40)));
});

const WorkedNumbers numbers([] {
    const auto logistic = [](double z) { return 1 / (1 + std::exp(-z)); };
    const double one = 1 * 0.5 + (1 * 0 + 0 * 1) + 0, two = 1 * -1 + (1 * 2 + 0 * 0) + 0.5;
    fmt::print("{} {} -> {:.4f} {:.4f}\n", one, two, std::tanh(one), std::tanh(two));
    const double i = logistic(0.5), f = logistic(1), g = std::tanh(-1.0), o = logistic(2);
    const double c = f * 2 + i * g;
    fmt::print("{:.4f} {:.4f} {:.4f} {:.4f}, c {:.4f}, h {:.4f}\n", i, f, g, o, c,
               o * std::tanh(c));
    fmt::print("{:.1f}e-16 {:.1f}e-7\n", std::pow(0.5, 50) * 1e16, std::pow(f, 50) * 1e7);
    Initialiser init(1);
    const Line line = gradient_line("", rnn(first_weights(4, kUnits, kUnits, init)), Kept::h);
    fmt::print("a step of the tanh cell: {:.1f}\n", std::pow(line.y[kSteps], 1.0 / kSteps));
    for (const double T : {5.0, 50.0}) {
        const double bias = std::log(T - 1), keeps = logistic(bias), left = std::pow(keeps, 50);
        fmt::print("T = {}: {:.4f} {:.2g} {:.2g}, after 50 steps {:.4f}, {:.1f}e-5\n", T, bias,
                   logistic(-bias), keeps, left, left * 1e5);
    }
});

}  // namespace
}  // namespace gradus::lesson_14
