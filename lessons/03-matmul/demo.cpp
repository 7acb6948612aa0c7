// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

namespace gradus::lesson_03 {
namespace {

std::vector<Real> softmax(const std::vector<Real>& x) {
    std::vector<Real> y(x.size());
    part().softmax_forward(y.data(), x.data(), 1, static_cast<Index>(x.size()));
    return y;
}

const Demo demo([](Stage& stage) {
    const std::vector<Real> a = {1, 2, 3, 4}, b = {5, 6, 7, 8};
    std::vector<Real> c(4);
    part().matmul(c.data(), a.data(), b.data(), 2, 2, 2);
    stage.say("Your matmul, cell by cell. Each cell of c is a row of a against a column of b:");
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j)
            stage.print(fmt::format("c[{},{}] = {}*{} + {}*{} = {}", i, j, a[2 * i], b[j],
                                    a[2 * i + 1], b[2 + j], c[2 * i + j]));
    stage.print("");

    stage.say(
        "A product that can be seen. a holds ones from its upper right corner to its lower left, "
        "and zeros; b is a triangle, darker to the right:");
    const Index n = 8;
    std::vector<Real> flip(n * n), triangle(n * n), flipped(n * n);
    HeatMaps maps;
    for (Index i = 0; i < n; ++i) {
        flip[i * n + (n - 1 - i)] = 1;
        for (Index j = 0; j <= i; ++j) triangle[i * n + j] = Real(j + 3) / (n + 2);
        maps.row_labels.push_back(fmt::format("{}", i));
        maps.column_labels.push_back(fmt::format("{}", i));
    }
    part().matmul(flipped.data(), flip.data(), triangle.data(), n, n, n);
    maps.caption = {"b, and c = a b", "c = a b is b upside down: row i of c is row 7 - i of b.",
                    "in c, a triangle that lies on its side: rows and columns are exchanged."};
    maps.row_axis = "row", maps.column_axis = "column";
    maps.maps = {{"b", {triangle.begin(), triangle.end()}},
                 {"c", {flipped.begin(), flipped.end()}}};
    stage.show("product", maps);

    stage.say("Your softmax: the scores 1, 2, 3, divided by three temperatures T.");
    BarChart bars;
    bars.caption = {
        "softmax of the scores 1, 2, 3 at three temperatures",
        "the order stays. Hot (T 2), they come closer; cold (T 0.25), the largest takes "
        "nearly everything.",
        "three bars of one temperature that do not add up to 1."};
    bars.value_axis = "probability";
    for (const Real T : {Real(2), Real(1), Real(0.25)}) {
        const auto y = softmax({1 / T, 2 / T, 3 / T});
        for (std::size_t j = 0; j < 3; ++j) {
            bars.labels.push_back(fmt::format("T {}: {}", T, j + 1));
            bars.values.push_back(y[j]);
        }
    }
    stage.show("temperature", bars);
    const auto y = softmax({1001, 1002, 1003});
    stage.print(
        fmt::format("softmax of (1001, 1002, 1003):\n  {:.4f} {:.4f} {:.4f}\n", y[0], y[1], y[2]));
});

const WorkedNumbers numbers([] {
    fmt::print("exp 1, 2, 3: {:.4f} {:.4f} {:.4f}\n", std::exp(1.0), std::exp(2.0), std::exp(3.0));
    fmt::print("their sum: {:.4f}\n", std::exp(1.0) + std::exp(2.0) + std::exp(3.0));
    fmt::print("exp of -2, -1, 0: {:.4f} {:.4f} {:.4f}\n", std::exp(-2.0), std::exp(-1.0), 1.0);
    fmt::print("their sum: {:.4f}\n", std::exp(-2.0) + std::exp(-1.0) + 1);
    const auto y = softmax({1, 2, 3});
    fmt::print("softmax: {:.4f} {:.4f} {:.4f}\n", y[0], y[1], y[2]);
    for (const Real T : {Real(2), Real(0.25), Real(0.01)}) {
        const auto p = softmax({1 / T, 2 / T, 3 / T});
        fmt::print("softmax at T = {}: {:.4f} {:.4f} {:.4f}\n", T, p[0], p[1], p[2]);
    }
    fmt::print("largest double: {:.1e}, its logarithm {:.1f}\n", std::numeric_limits<double>::max(),
               std::log(std::numeric_limits<double>::max()));
});

}  // namespace
}  // namespace gradus::lesson_03
