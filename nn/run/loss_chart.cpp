// SPDX-License-Identifier: MIT
#include "nn/run/loss_chart.h"

#include <fmt/core.h>

#include <algorithm>

namespace gradus {

LineChart loss_chart(const RunFacts& facts, const std::vector<Line>& lines) {
    LineChart chart;
    chart.caption = {"Loss",
                     "Both losses fall, fast at first: below the bigram baseline, and towards the "
                     "floor if that is known.",
                     "it stays at the uniform baseline (learning rate too low or too high), or "
                     "validation rises while training falls (overfitting)."};
    if (facts.uniform_baseline < 0)
        chart.caption = {"Loss", "Both losses fall, fast at first, then ever more slowly.",
                         "it does not move (learning rate too low), jumps about (too high), or "
                         "validation rises while training falls (overfitting)."};
    chart.x.name = "step";
    chart.y.name = facts.unit == "loss" ? "loss" : "loss, " + facts.unit;
    for (const Line& line : lines)
        if (chart.lines.empty() || line.x.size() > 1) chart.lines.push_back(line);
    const auto level = [&](const char* name, double value, int digits) {
        if (value >= 0)
            chart.levels.push_back({fmt::format("{} {:.{}f}", name, value, digits), value});
    };
    level("uniform", facts.uniform_baseline, 2);
    level("bigram", facts.bigram_baseline, 2);
    level("floor", facts.floor, 3);
    return chart;
}

double newest_weight(Index count) {
    return std::clamp(5 / static_cast<double>(count + 4), 0.02, 1.0);
}

}  // namespace gradus
