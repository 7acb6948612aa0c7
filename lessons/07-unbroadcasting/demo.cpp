// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <fmt/ranges.h>

#include "tensor/shape.h"

namespace gradus::lesson_07 {
namespace {

using Numbers = std::vector<Real>;
using Sizes = std::vector<Index>;

Index count(const Sizes& shape) {
    return Shape(shape).count();
}

std::string words(const Sizes& shape) {
    return fmt::format("({})", fmt::join(shape, ", "));
}

// Lines of numbers, the first after a name.
std::string rows(const std::string& name, const Numbers& x, Index cols) {
    std::string text;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (i % static_cast<std::size_t>(cols) == 0)
            text += fmt::format("{}{:<9}", i == 0 ? "" : "\n", i == 0 ? name : "");
        text += fmt::format("{:>4}", x[i]);
    }
    return text;
}

Numbers broadcast(const Sizes& y_shape, const Numbers& x, const Sizes& x_shape) {
    Numbers y(static_cast<std::size_t>(count(y_shape)));
    part().broadcast_to(y.data(), y_shape, x.data(), x_shape);
    return y;
}

Numbers sum_to(const Sizes& x_shape, const Numbers& dy, const Sizes& y_shape) {
    Numbers dx(static_cast<std::size_t>(count(x_shape)));
    part().sum_to(dx.data(), x_shape, dy.data(), y_shape);
    return dx;
}

HeatMap origins(const Sizes& x_shape, const std::string& look_for) {
    const Index R = 4, C = 4;
    HeatMap map;
    map.caption.title = fmt::format("x {} in y {}", words(x_shape), words({R, C}));
    map.caption.look_for = look_for;
    map.row_axis = "row of y", map.column_axis = "column of y";
    for (Index i = 0; i < R; ++i) map.row_labels.push_back(fmt::format("{}", i));
    for (Index j = 0; j < C; ++j) map.column_labels.push_back(fmt::format("{}", j));
    for (Index at = 0; at < R * C; ++at)
        map.values.push_back(static_cast<double>(part().source(at, {R, C}, x_shape) + 1));
    map.high = static_cast<double>(count(x_shape));
    return map;
}

// A layer's last step: the same bias for every row. The loss is the sum of the tanh of everything.
const Numbers before_bias = {-1, 0, 1, 0.5, -0.5, 2, 0, 1.5};  // (4,2)
double loss(const Numbers& bias) {
    double sum = 0;
    for (std::size_t i = 0; i < before_bias.size(); ++i)
        sum += std::tanh(before_bias[i] + bias[i % 2]);
    return sum;
}

const Demo demo([](Stage& stage) {
    stage.say("Your broadcast_to copies (fan out), your sum_to adds the copies up (fan in):");
    const Numbers dy = {1, 2, 3, 4, 5, 6};
    const std::pair<Sizes, Numbers> inputs[] = {
        {{3}, {10, 20, 30}}, {{2, 1}, {10, 20}}, {{}, {10}}};
    for (const auto& [shape, x] : inputs) {
        const Index cols = shape.empty() ? 1 : shape.back();
        stage.print(rows(fmt::format("x {}", words(shape)), x, cols));
        stage.print(rows("y (2, 3)", broadcast({2, 3}, x, shape), 3));
        stage.print(rows("dy", dy, 3));
        stage.print(rows("dx", sum_to(shape, dy, {2, 3}), cols));
        stage.print("");
    }

    stage.say(
        "Where the numbers of a y of shape (4, 4) come from: cells with the same shade are "
        "copies of one number of x, the lightest of its first.");
    stage.show("row", origins({4}, "columns of one shade: four numbers, each copied down."));
    HeatMap column = origins({4, 1}, "rows of one shade: four numbers, each copied to the right.");
    column.caption.wrong =
        "the picture of (4) once more, or diagonals: the shapes were aligned at "
        "the first axis, or x was repeated in the order of memory.";
    stage.show("column", column);

    // The gradient of a bias, against nudging it.
    const Numbers bias = {0.25, -0.25};
    Numbers slopes;
    for (std::size_t i = 0; i < before_bias.size(); ++i) {
        const double y = std::tanh(before_bias[i] + bias[i % 2]);
        slopes.push_back(1 - y * y);
    }
    const Real fan_in = sum_to({2}, slopes, {4, 2})[0];
    const Real nudged = (loss({bias[0] + 1e-5, bias[1]}) - loss({bias[0] - 1e-5, bias[1]})) / 2e-5;
    BarChart bars;
    bars.caption = {"the gradient of a bias that four rows share",
                    "your sum has the length of what nudging the bias really does to the loss.",
                    "a quarter of that: the mean, which many take for it."};
    bars.value_axis = "gradient";
    bars.labels = {"nudged", "your sum", "the mean"};
    bars.values = {nudged, fan_in, fan_in / 4};
    stage.show("bias", bars);
    stage.print(fmt::format("nudged {:.4f}, your sum {:.4f}", nudged, fan_in));
});

}  // namespace
}  // namespace gradus::lesson_07
