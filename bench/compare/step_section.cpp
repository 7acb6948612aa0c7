// SPDX-License-Identifier: MIT
// The part "step": whole training steps of three GPTs (data, forward, backward, clipping, AdamW) by
// this library and by PyTorch, in turns with the multiply-adds that are the limit of both.
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "bench/compare/limits.h"
#include "bench/compare/peers/pytorch.h"
#include "bench/compare/sections.h"
#include "bench/compare/step_case.h"
#include "bench/compare/table.h"
#include "tensor/memory.h"

namespace gradus::bench {
namespace {

// A precision that both sides support. `name` is what PyTorch's side calls it.
struct Precision {
    std::string name;
    bool bf16;
};
const Precision kPrecisions[] = {{"fp32", false}, {"bf16", true}};

constexpr double kTurn = 0.2;        // seconds; a step that takes longer is a turn of its own
constexpr double kTooSlow = 20;      // times fp32: if the processor lacks the format
constexpr double kLargeWork = 1e11;  // such a step takes seconds: fewer turns, no trials
constexpr int kLargeTurns = 3;
// OpenBLAS below PyTorch waits for up to 33 ms for more work before its threads sleep.
constexpr double kPause = 0.06;

// Shared by the rows of one run.
struct StepPeer {
    std::unique_ptr<Pytorch> pytorch;
    std::string setting;      // the fastest in the last trial
    double fp32_seconds = 0;  // of the last fp32 step in PyTorch
};

// The fastest of PyTorch's settings for this step, ready to run.
std::unique_ptr<PytorchStep> fastest(const Comparison& c, StepPeer& peer, const StepCase& s,
                                     const Precision& precision, const Tick& tick) {
    std::unique_ptr<PytorchStep> best;
    double best_seconds = 0;
    const bool large = s.flops() > kLargeWork;
    const std::string before = peer.setting;
    const std::vector<PytorchSetting> settings = pytorch_settings(c.threads);
    for (std::size_t i = 0; i < settings.size(); ++i) {
        const PytorchSetting& setting = settings[i];
        tick(static_cast<double>(i) / static_cast<double>(settings.size()));
        // With steps that take seconds, trials would take minutes: reuse what was best for the
        // smaller model.
        if (large && !before.empty() && setting.name != before) continue;
        const double limit = precision.name == "fp32" ? 600 : 2 + kTooSlow * peer.fp32_seconds;
        auto step = std::make_unique<PytorchStep>(*peer.pytorch, setting, s, precision.name);
        double seconds = step->run(1, limit);  // warms up
        for (int n = 0; n < (large ? 1 : 4); ++n) seconds = std::min(seconds, step->run(1, limit));
        if (!best || seconds < best_seconds) {
            best = std::move(step);
            best_seconds = seconds;
            peer.setting = setting.name;
        }
    }
    if (precision.name == "fp32") peer.fp32_seconds = best_seconds;
    return best;
}

// Whatever goes wrong on the other side becomes a note; our side is measured all the same.
std::unique_ptr<PytorchStep> start_peer(const Comparison& c, StepPeer& peer, const StepCase& s,
                                        const Precision& precision, std::string& note,
                                        const Tick& tick) {
    if (!peer.pytorch->found()) return nullptr;
    try {
        return fastest(c, peer, s, precision, tick);
    } catch (const PeerError& error) {
        note = fmt::format("PyTorch left out of {} {}: {}", s.name, precision.name, error.what());
        return nullptr;
    }
}

Row measure(const Comparison& c, StepPeer& peer, const StepCase& s, const Precision& precision,
            std::string& note, const Tick& tick) {
    constexpr double kStart = 0.3;  // the part of the job that is done when the turns begin
    auto theirs =
        start_peer(c, peer, s, precision, note, [&](double part) { tick(kStart * part); });
    const Tick turns_tick = [&](double part) { tick(kStart + (1 - kStart) * part); };
    trim_memory();
    // All memory obtained from the system, as for PyTorch, including blocks waiting to be reused.
    const std::size_t before = memory_stats().system_bytes;
    auto ours = std::make_unique<TrainingStep>(s, precision.bf16);
    ours->step();  // the first step allocates memory
    const double once = seconds_of([&] { ours->step(); });
    const int steps = std::clamp(static_cast<int>(kTurn / once), 1, 50);
    const bool large = s.flops() > kLargeWork;
    const int turns = large ? std::min(c.options.turns, kLargeTurns) : c.options.turns;

    const auto train = [&] {
        for (int i = 0; i < steps; ++i) ours->step();
    };
    std::vector<Contender> contenders = {
        {"ours", s.flops(), [&] { return seconds_of(train) / steps; }},
        multiply_add_peak(c.turn_seconds())};
    if (theirs)
        contenders.push_back({"PyTorch", s.flops(), [&] { return theirs->run(steps) / steps; }});
    Row row{"step", s.name + " " + precision.name, c.threads, {}, {}};
    try {
        row.series = take_turns(contenders, turns, kPause, turns_tick);
        if (theirs) row.figures["PyTorch peak bytes"] = theirs->peak_bytes();
    } catch (const PeerError& error) {
        note = fmt::format("PyTorch stopped during {}: {}", row.name, error.what());
        theirs.reset();
        contenders.pop_back();
        row.series = take_turns(contenders, turns, kPause, turns_tick);
    }
    row.figures["of peak"] = speed_ratio(row.series[0], row.series[1]);
    row.figures["parameters"] = static_cast<double>(s.model.parameter_count());
    if (theirs) row.figures["ratio"] = speed_ratio(row.series[0], row.series[2]);
    row.figures["peak bytes"] = static_cast<double>(memory_stats().system_bytes - before);
    return row;
}

std::vector<std::string> step_cells(const Row& row) {
    const auto figure = [&](const char* name, double unit, int digits) {
        const auto found = row.figures.find(name);
        return found == row.figures.end() ? ""
                                          : fmt::format("{:.{}f}", found->second / unit, digits);
    };
    const bool compared = row.figures.count("ratio") > 0;
    return {row.name,
            milliseconds(median(row.series[0].seconds)),
            compared ? milliseconds(median(row.series[2].seconds)) : "",
            figure("ratio", 1, 2),
            percent(row.figures.at("of peak")),
            figure("peak bytes", 1e6, 0),
            figure("PyTorch peak bytes", 1e6, 0)};
}

}  // namespace

void plan_step(Plan& plan, Comparison& c) {
    const auto peer = std::make_shared<StepPeer>();
    const auto table = std::make_shared<Table>(
        std::vector<std::string>{"training step", "ours ms", "PyTorch ms", "ratio", "of peak",
                                 "ours MB", "PyTorch MB"},
        16, c.display.columns());
    plan.push_back({"looking for PyTorch", 3, [&c, peer, table](const Tick&) {
                        peer->pytorch = std::make_unique<Pytorch>();
                        c.report.peers["PyTorch"] = peer->pytorch->about();
                        c.display.say("\nPyTorch: " + peer->pytorch->about() +
                                      "\nThe ratio is PyTorch's time / ours; MB is the peak memory "
                                      "of training.");
                        if (!table->heading().empty()) c.display.print(table->heading());
                    }});
    std::vector<StepCase> cases = {step_cpu(), step_char()};
    if (!c.options.quick) cases.push_back(step_gpt2());
    for (const StepCase& s : cases) {
        for (const Precision& precision : kPrecisions) {
            if (precision.bf16 && s.flops() > kLargeWork) continue;
            const double step = s.flops() / 20e9 / c.threads;
            const double guess =
                10 + c.options.turns * 3 * std::max(step, kTurn) + 10 * std::min(step, 4.0);
            const auto run = [&c, peer, table, s, precision](const Tick& tick) {
                std::string note;
                const Row row = measure(c, *peer, s, precision, note, tick);
                if (row.figures.count("ratio")) note = "PyTorch: " + peer->setting;
                c.display.print(table->row(step_cells(row)));
                if (!note.empty()) c.display.say("  " + note);
                c.report.rows.push_back(row);
                trim_memory();
            };
            plan.push_back({"step " + s.name + " " + precision.name, guess, run});
        }
    }
    plan.push_back(
        {"step", 0, [&c](const Tick&) {
             c.display.say(
                 "cpu: 4 layers, 128 wide, 12 windows of 64; char: 6 layers, 384 wide, "
                 "dropout 0.2 on both sides, 4 windows of 256; GPT-2: 4 windows of 64, 3 turns.");
         }});
}

}  // namespace gradus::bench
