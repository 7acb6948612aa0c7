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

    // A 12 x 12 product that can be read: a turns b upside down.
    HeatMap map;
    map.caption = {"c = a b, where a holds ones from corner to corner, the other way round",
                   "the triangle b upside down, for row i of c is row 11 - i of b.",
                   "a triangle that lies on its side: rows and columns are exchanged."};
    const Index n = 12;
    std::vector<Real> flip(n * n), triangle(n * n), flipped(n * n);
    for (Index i = 0; i < n; ++i) {
        flip[i * n + (n - 1 - i)] = 1;
        for (Index j = 0; j <= i; ++j) triangle[i * n + j] = Real(j + 3) / (n + 2);
        map.row_labels.push_back(fmt::format("{}", i));
        map.column_labels.push_back(fmt::format("{}", i));
    }
    part().matmul(flipped.data(), flip.data(), triangle.data(), n, n, n);
    map.row_axis = "row i", map.column_axis = "column j";
    map.values.assign(flipped.begin(), flipped.end());
    stage.show("product", map);

    stage.say("Your softmax: three scores, and what becomes of them.");
    for (const Real factor : {Real(0.5), Real(1), Real(4)}) {
        BarChart bars;
        bars.caption.title = fmt::format("softmax of {} (1, 2, 3)", factor);
        if (factor == 4)
            bars.caption.look_for =
                "the order stays, but the largest takes more: times 4, nearly everything.";
        bars.value_axis = "probability";
        bars.labels = {"1", "2", "3"};
        const auto y = softmax({factor, 2 * factor, 3 * factor});
        bars.values.assign(y.begin(), y.end());
        stage.show(fmt::format("softmax-{}", factor), bars);
    }
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
    fmt::print("largest double: {:.1e}, its logarithm {:.1f}\n", std::numeric_limits<double>::max(),
               std::log(std::numeric_limits<double>::max()));
});

}  // namespace
}  // namespace gradus::lesson_03
