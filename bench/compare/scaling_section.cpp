// SPDX-License-Identifier: MIT
// The part "scaling": the time of a training step as the model or the batch grows tenfold, next to
// the count of floating-point operations that should predict it.
#include <fmt/core.h>

#include <memory>

#include "bench/compare/sections.h"
#include "bench/compare/step_case.h"
#include "bench/compare/table.h"
#include "tensor/memory.h"

namespace gradus::bench {
namespace {

// Five sizes over a decade, compared with the middle one. Each decade begins where a step takes
// about 15 ms: below that, the cost of starting loops and reading caches shows.
struct Axis {
    std::string name;
    std::vector<Index> sizes;
    void (*set)(StepCase&, Index);
};
const Axis kAxes[] = {
    {"width",
     {160, 256, 512, 1024, 1600},
     [](StepCase& s, Index n) { s.model.width = n, s.model.heads = n / 32; }},
    {"layers", {1, 2, 3, 6, 10}, [](StepCase& s, Index n) { s.model.layers = n; }},
    {"context",
     {96, 160, 320, 640, 960},
     [](StepCase& s, Index n) { s.model.context = s.length = n; }},
    {"batch", {6, 12, 24, 36, 60}, [](StepCase& s, Index n) { s.batch = n; }},
};
constexpr std::size_t kMiddle = 2;

StepCase base() {
    return {
        "base", {.layers = 3, .heads = 5, .width = 160, .context = 96, .vocabulary = 65}, 6, 96};
}

// The operations actually done: of the 12 L C T usually counted for a token's attention
// (GptConfig::flops_per_token), a causal mask leaves 6 L C (T + 1).
double flops_done(const StepCase& s) {
    const auto masked = static_cast<double>(6 * s.model.layers * s.model.width * (s.length - 1));
    return s.flops() - masked * static_cast<double>(s.batch * s.length);
}

Contender contender(const StepCase& s, double seconds) {
    const auto step = std::make_shared<TrainingStep>(s);
    return {s.name, flops_done(s), repeated([step] { step->step(); }, seconds)};
}

void run_axis(Comparison& c, const Table& table, const Axis& axis, const Tick& tick) {
    std::vector<Contender> contenders;
    for (const Index n : axis.sizes) {
        StepCase s = base();
        axis.set(s, n);
        s.name = fmt::format("{} {}", axis.name, n);
        contenders.push_back(contender(s, 2 * c.turn_seconds()));
    }
    const std::vector<Samples> series = take_turns(contenders, c.options.turns, 0.002, tick);
    for (const Samples& s : series) {
        // Time / operations, relative to the middle of the decade: 0% where the count predicts it.
        const double deviation = 1 / speed_ratio(s, series[kMiddle]) - 1;
        c.report.rows.push_back({"scaling", s.name, c.threads, {s}, {{"deviation", deviation}}});
        c.display.print(
            table.row({s.name, milliseconds(median(s.seconds)), fmt::format("{:.3g}", s.work / 1e9),
                       giga(rate(s)), fmt::format("{:+.0f} %", 100 * deviation)}));
    }
    trim_memory();
}

// The same step on one thread and on all.
void run_threads(Comparison& c, const StepCase& s, const Tick& tick) {
    TrainingStep step(s);
    std::vector<Contender> contenders;
    for (const int n : {1, c.threads})
        contenders.push_back({threads_text(n), s.flops(),
                              [n, turn = repeated([&] { step.step(); }, c.turn_seconds())] {
                                  use_threads(n);
                                  return turn();
                              }});
    Row row{"scaling",
            "threads, " + s.name,
            c.threads,
            take_turns(contenders, c.options.turns, 0.002, tick),
            {}};
    const double speedup = speed_ratio(row.series[1], row.series[0]);
    row.figures["speed-up"] = speedup;
    c.display.say(fmt::format("{}: {} ms on 1 thread, {} ms on {}: {:.2f} times as fast.", s.name,
                              milliseconds(median(row.series[0].seconds)),
                              milliseconds(median(row.series[1].seconds)), c.threads, speedup));
    c.report.rows.push_back(row);
    trim_memory();
}

}  // namespace

void plan_scaling(Plan& plan, Comparison& c) {
    const auto table = std::make_shared<Table>(
        std::vector<std::string>{"scaling", "ms", "GFLOP", "GFLOP/s", "deviation"}, 14,
        c.display.columns());
    plan.push_back({"scaling", 0, [&c, table](const Tick&) {
                        c.display.say(
                            "\nA training step of 3 layers, 160 wide, 6 windows of 96, with one "
                            "size changed. Deviation: of the time per operation from that of the "
                            "middle size (attention counted as the mask leaves it).");
                        if (!table->heading().empty()) c.display.print(table->heading());
                    }});
    for (const Axis& axis : kAxes) {
        double guess = 0;
        for (const Index n : axis.sizes) {
            StepCase s = base();
            axis.set(s, n);
            guess += (c.options.turns + 3) *
                     std::max(2 * c.turn_seconds(), s.flops() / 25e9 / c.threads);
        }
        plan.push_back({"scaling: " + axis.name, guess,
                        [&c, table, axis](const Tick& tick) { run_axis(c, *table, axis, tick); }});
    }
    if (c.threads == 1) return;
    for (const StepCase& s : {step_cpu(), step_char()}) {
        if (c.options.quick && s.name != step_cpu().name) continue;
        plan.push_back({"scaling: threads, " + s.name,
                        (c.options.turns + 2) * 1.5 * s.flops() / 25e9,
                        [&c, s](const Tick& tick) { run_threads(c, s, tick); }});
    }
}

}  // namespace gradus::bench
