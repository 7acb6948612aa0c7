// SPDX-License-Identifier: MIT
// The presets of ./gradus gpt: where their reference bands apply, and what is reported when such a
// run goes wrong.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include "nn/run/presets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "autograd/cross_entropy.h"
#include "nn/files/atomic_file.h"
#include "nn/run/log.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;
namespace fs = std::filesystem;
using Kind = Health::Kind;

namespace {

constexpr double kNotKnown = std::numeric_limits<double>::infinity();

double floor_of(const TextData& data) {
    return data.source() ? data.floor() : data.bigram_baseline();
}

std::vector<BandPoint> band_of(const TextRun& run, const TextData& data) {
    return reference_band(run, data, floor_of(data));
}

std::vector<LogRow> rows_of(const std::string& folder) {
    const TemporaryFolder copy;  // RunLog writes to the folder that it reads
    fs::copy(folder + "/log.csv", copy.path());
    return RunLog(copy.path(), std::numeric_limits<Index>::max()).rows();
}

// The first alarm that a finished run would raise today, and at which step; else the last verdict.
std::pair<Health, Index> replay(const std::vector<LogRow>& rows, HealthMonitor health) {
    for (const LogRow& row : rows) {
        if (std::isfinite(row.loss)) health.step(row.loss);
        if (std::isfinite(row.val)) health.validated(row.val, kNotKnown);
        if (health.verdict().alarm()) return {health.verdict(), row.step};
    }
    return {health.verdict(), rows.back().step};
}

// The smoothed loss of a run after `steps` of its steps, as HealthMonitor computes it.
double smoothed(const std::vector<LogRow>& rows, Index steps) {
    double mean = 0, count = 0;
    for (const LogRow& row : rows)
        if (row.step <= steps && std::isfinite(row.loss))
            mean += (row.loss - mean) / std::min(++count, 20.0);
    return mean;
}

}  // namespace

TEST_CASE("reference band: only where all but the seed is the preset's and the data is known") {
    const TextData tales("tales", {}, 1);
    TextRun run = preset_run(preset("quick"), "tales", tales);
    const auto usual = band_of(run, tales);
    REQUIRE(usual.size() == 6);
    CHECK(usual[0].step == 24);
    CHECK(usual.back().step == 1200);
    for (const BandPoint& at : usual) {
        CHECK(at.low < at.high);
        CHECK(at.high < tales.uniform_baseline());
    }
    run.training.seed = 77;
    CHECK(band_of(run, tales).size() == 6);
    const auto none = [&](auto change) {
        TextRun other = run;
        change(other);
        CHECK(band_of(other, tales).empty());
    };
    none([](TextRun& r) { r.training.lr *= 1.01; });
    none([](TextRun& r) { r.training.steps = 1201; });
    none([](TextRun& r) { r.training.accumulate = 2; });
    none([](TextRun& r) { r.training.adamw.decay = 0; });
    none([](TextRun& r) { r.training.bf16 = true; });
    none([](TextRun& r) { r.training.optimiser = "adamw"; });
    none([](TextRun& r) { r.training.schedule = "wsd"; });
    none([](TextRun& r) { r.batch += 1; });
    none([](TextRun& r) { r.gpt().width = 192; });
    none([](TextRun& r) { r.gpt().dropout = Real(0.1); });
    none([](TextRun& r) { r.preset = "of an older version"; });
    const TextData bytes("tales", {Tokenizer::Kind::bytes}, 1);
    CHECK(
        reference_band(preset_run(preset("quick"), "tales", bytes), bytes, tales.floor()).empty());
}

TEST_CASE(
    "reference band: for a file it has no lower end; there is none if bigrams predict no better "
    "than chance") {
    const TemporaryFolder folder;
    std::string text, noise;
    Random random(1);
    for (int i = 0; i < 3000; ++i) {
        text += i % 3 ? "gradus " : "a step ";
        noise += static_cast<char>('a' + random.below(4));
    }
    const auto band_of_file = [&](const std::string& content) {
        const std::string path = folder.file("file.txt");
        write_file(path, content);
        const TextData data(path, {}, 1);
        return band_of(preset_run(preset("cpu"), path, data), data);
    };
    const auto usual = band_of_file(text);
    REQUIRE(usual.size() == 4);
    CHECK(usual[0].step == 200);
    for (const BandPoint& at : usual) CHECK(at.low == -kNotKnown);
    CHECK(band_of_file(noise).empty());
}

// health_test tests the verdict on made-up losses, floor_test a small model that sees the future.
TEST_CASE("a planted leak is called one within the first tenth of a quick run" *
          doctest::test_suite("long")) {
    const SavedSettings saved;
    set_threads(1);  // on a busy machine two wait for each other: 2 minutes, not 10 s
    TextData data("tales-zh", {}, 1);
    const TextRun run = preset_run(preset("quick"), "tales-zh", data);
    Gpt model(run.gpt(), run.training.seed);
    const Leak leak;
    Trainer trainer(named_parameters(model), run.training, [&](Index step, Index) {
        const Batch batch =
            data.batch(static_cast<std::uint64_t>(step), run.batch, run.gpt().context);
        return cross_entropy(model(batch.inputs), batch.targets);
    });
    HealthMonitor health(data.uniform_baseline(), data.floor(), run.training.steps,
                         band_of(run, data));
    const Index most = kSanitized ? 10 : run.training.steps / 10;
    while (trainer.steps_done() < most && !health.verdict().alarm())
        health.step(trainer.step().loss);
    CAPTURE(health.verdict().words);
    CHECK(health.verdict().kind == (kSanitized ? Kind::starting : Kind::leak));
    CHECK(trainer.steps_done() <= most);
}

// Computes the presets' references from finished runs of three or more seeds:
//
//     for s in 1 2 3; do ./gradus gpt --seed $s --plain --no-chat --out runs/tales-$s; done
//     GRADUS_RUNS=runs build/release/bin/gradus-tests-nn -tc="reference band: recorded runs*"
//
// prints them in the form of nn/run/presets.cpp and the first alarm that each of the runs
// would raise today. The margin at both ends is three times the distance between the runs, or three
// tenths of their mean if that is more: a late start of learning one thing is not a fault. Without
// GRADUS_RUNS it does nothing.
TEST_CASE("reference band: recorded runs raise no alarm") {
    const char* runs = std::getenv("GRADUS_RUNS");
    if (!runs) return;
    std::map<std::string, std::vector<std::vector<double>>> parts;  // of each run, at kDone
    constexpr double kDone[] = {0.02, 0.05, 0.1, 0.25, 0.5, 1};
    std::set<std::string> folders;
    for (const auto& entry : fs::directory_iterator(runs)) folders.insert(entry.path().string());
    for (const std::string& folder : folders) {
        if (!fs::exists(folder + "/run.json")) continue;
        const TextRun run = load_text_run(folder);
        if (run.result.steps < run.training.steps) continue;
        const TextData data(run.data, {}, run.training.seed);
        const auto rows = rows_of(folder);
        const double floor = floor_of(data), way = data.uniform_baseline() - floor;
        const auto [verdict, step] =
            replay(rows, {data.uniform_baseline(), data.floor(), run.training.steps,
                          reference_band(run, data, floor)});
        fmt::print("{}, step {}: {}\n", folder, step, verdict.words);
        CAPTURE(folder);
        CHECK_FALSE(verdict.alarm());
        std::vector<double> at;
        for (const double done : kDone)
            at.push_back(
                (smoothed(rows, std::lround(done * static_cast<double>(run.training.steps))) -
                 floor) /
                way);
        parts[run.preset + ", " + fs::path(run.data).filename().string()].push_back(at);
    }
    for (const auto& [name, of_runs] : parts) {
        fmt::print("{}, {} runs:\n", name, of_runs.size());
        for (std::size_t i = 0; i < std::size(kDone); ++i) {
            double low = kNotKnown, high = -kNotKnown, sum = 0;
            for (const auto& run : of_runs)
                low = std::min(low, run[i]), high = std::max(high, run[i]), sum += run[i];
            const double mean = sum / static_cast<double>(of_runs.size());
            const double margin = std::max({3 * (high - low), 0.3 * std::abs(mean), 0.003});
            fmt::print("{{{}, {:.3f}, {:.3f}}}, ", kDone[i], low - margin, high + margin);
        }
        fmt::print("\n");
    }
}
#endif
