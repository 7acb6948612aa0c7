// SPDX-License-Identifier: MIT
#include "nn/run/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "nn/run/loss_chart.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLines = 6;  // of a picture: it has as many colours
constexpr int kNames = 56;         // columns that the names of all lines together may take

// The last part of its path or, where two runs share that, the path as it was given; numbered if
// there is no room for names in a picture.
void name_runs(std::vector<ComparedRun>& runs) {
    std::map<std::string, int> times;
    const auto last_part = [](const std::string& folder) {
        std::error_code ignored;
        return fs::weakly_canonical(folder, ignored).filename().string();
    };
    for (const ComparedRun& run : runs) ++times[last_part(run.folder)];
    int columns = 0;
    for (ComparedRun& run : runs) {
        const std::string name = last_part(run.folder);
        run.name = name.empty() || times[name] > 1 ? run.folder : name;
        columns += display_width(run.name);
    }
    if (columns <= kNames) return;
    for (std::size_t i = 0; i < runs.size(); ++i)
        runs[i].name = fmt::format("{}: {}", i + 1, runs[i].name);
}

// From the unit of a run's loss to bits per byte.
double per_byte_of(const ComparedRun& run) {
    return run.result.val > 0 && run.result.bits_per_byte >= 0
               ? run.result.bits_per_byte / run.result.val
               : kNotMeasured;
}

bool same_data(const ComparedRun& a, const ComparedRun& b) {
    if (!a.checksum.empty() && !b.checksum.empty()) return a.checksum == b.checksum;
    return a.data == b.data;
}

// " book-cpu-2 is the lowest, at 1.9312 bits per byte."
std::string lowest_of(const std::vector<ComparedRun>& runs, bool per_byte) {
    const auto loss = [&](const ComparedRun& run) {
        return per_byte ? run.result.bits_per_byte : run.result.val;
    };
    const ComparedRun* best = &runs[0];
    for (const ComparedRun& run : runs) {
        if (!(loss(run) >= 0)) return "";  // not all have measured it
        if (loss(run) < loss(*best)) best = &run;
    }
    return fmt::format(" {} is the lowest, at {:.4f}{}.", best->name, loss(*best),
                       per_byte ? " bits per byte" : "");
}

std::string verdict_of(const std::vector<ComparedRun>& runs, bool per_byte) {
    bool texts = true, data = true, tokens = true;
    for (const ComparedRun& run : runs) {
        texts = texts && !run.data.empty();
        data = data && same_data(run, runs[0]);
        tokens = tokens && run.tokenizer == runs[0].tokenizer;
    }
    if (!texts)
        return "run.json does not say what all of these runs learnt from: compare their losses "
               "only "
               "if it was the same.";
    if (!data)
        return "These runs learnt from different texts, so their losses cannot be compared: only "
               "losses per byte of the same text can.";
    const std::string lowest = tokens || per_byte ? lowest_of(runs, per_byte) : "";
    if (tokens)
        return "The same data and the same kind of tokens: the losses can be compared." + lowest;
    return std::string(
               "The same data in different tokens: the loss per token cannot be compared. ") +
           (!per_byte ? "A loss per byte could, but not all of these runs have measured it (some "
                        "ended before, or are of an older version)."
            : runs[0].checksum.empty() ? "The loss per byte can: all hold out the same text."
                                       : "The loss per byte can: all hold out nearly the same "
                                         "text, the last tenth of their "
                                         "tokens.") +
           lowest;
}

std::string number(double value) {
    return std::isfinite(value) && value >= 0 ? fmt::format("{:.4f}", value) : "";
}

std::string grouped(Index value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

ComparedRows facts_of(const Comparison& c) {
    ComparedRows rows;
    const auto row = [&](const char* name, const auto& cell) {
        std::vector<std::string> cells = {name};
        bool known = false;
        for (const ComparedRun& run : c.runs) {
            cells.push_back(cell(run));
            if (cells.back().empty()) cells.back() = "-";
            known = known || cells.back() != "-";
        }
        if (known) rows.push_back(std::move(cells));
    };
    using Run = const ComparedRun&;
    row("data", [](Run r) { return fs::path(r.data).filename().string(); });
    row("tokenizer", [](Run r) { return r.tokenizer; });
    row("parameters", [](Run r) { return grouped(r.parameters); });
    row("steps", [](Run r) {
        return r.result.steps == r.planned_steps || r.planned_steps == 0
                   ? grouped(r.result.steps)
                   : fmt::format("{} of {}", r.result.steps, r.planned_steps);
    });
    row("time", [](Run r) { return clock_text(r.result.seconds); });
    row("tokens/s", [](Run r) {
        return std::isfinite(r.tokens_per_second) ? grouped(std::lround(r.tokens_per_second)) : "";
    });
    const auto floors = [&] {
        const auto floor = [&](Run r) {
            return c.per_byte ? r.result.floor_bits_per_byte : r.result.floor;
        };
        row("floor", [&](Run r) { return number(floor(r)); });
        row("above floor", [&](Run r) {
            const double loss = c.per_byte ? r.result.bits_per_byte : r.result.val;
            return floor(r) < 0 || !std::isfinite(loss) ? ""
                                                        : fmt::format("{:.4f}", loss - floor(r));
        });
    };
    row("held-out loss", [](Run r) { return number(r.result.val); });
    if (!c.per_byte) floors();
    row("accuracy", [](Run r) {
        return r.result.accuracy < 0 ? "" : fmt::format("{:.1f} %", 100 * r.result.accuracy);
    });
    row("bits per byte", [](Run r) { return number(r.result.bits_per_byte); });
    if (c.per_byte) floors();
    return rows;
}

ComparedRows differences_of(const std::vector<ComparedRun>& runs) {
    std::set<std::string> names;
    for (const ComparedRun& run : runs)
        for (const auto& field : run.configuration) names.insert(field.first);
    ComparedRows rows;
    for (const std::string& name : names) {
        std::vector<std::string> cells = {name};
        for (const ComparedRun& run : runs) {
            const auto at = run.configuration.find(name);
            cells.push_back(at == run.configuration.end() || at->second.empty() ? "-" : at->second);
        }
        if (std::any_of(cells.begin() + 2, cells.end(),
                        [&](const std::string& cell) { return cell != cells[1]; }))
            rows.push_back(std::move(cells));
    }
    return rows;
}

// The losses of one run; held_out: those of evaluations.
std::vector<LogRow> losses(const ComparedRun& run, bool held_out) {
    std::vector<LogRow> rows;
    double mean = 0;
    for (LogRow row : run.log) {
        double& loss = held_out ? row.val : row.loss;
        if (!std::isfinite(loss)) continue;
        if (!held_out) loss = mean += newest_weight(std::ssize(rows) + 1) * (loss - mean);
        rows.push_back(row);
    }
    return rows;
}

LineChart chart_of(const Comparison& c, bool by_second) {
    const std::size_t count = std::min(kLines, c.runs.size());
    bool held_out = true;
    for (std::size_t i = 0; i < count; ++i)
        held_out = held_out && losses(c.runs[i], true).size() > 1;
    int columns = 0;
    for (std::size_t i = 0; i < count; ++i) columns += display_width(c.runs[i].name);
    LineChart chart;
    chart.caption.title = by_second ? "Loss by training time" : "Loss by step";
    chart.caption.look_for = fmt::format(
        "The loss on {}. {}{}", held_out ? "held-out data" : "training data, smoothed",
        by_second
            ? "The lower line has learnt more in the same time, on the machine that each ran on."
            : "The lower line has learnt more from the same number of steps.",
        c.runs.size() > count ? fmt::format(" Only the first {} runs are drawn.", count) : "");
    chart.caption.wrong =
        "a line turns upwards (overfitting, or a learning rate that is too high), or ends while it "
        "still falls: that run was too short to be judged.";
    chart.x.name = by_second ? "seconds" : "step";
    chart.y = {c.per_byte ? "bits per byte" : "loss",
               true};  // the end matters as the beginning does
    for (std::size_t i = 0; i < count; ++i) {
        const ComparedRun& run = c.runs[i];
        Line line{columns > kNames ? std::to_string(i + 1) : run.name, {}, {}};
        for (const LogRow& row : losses(run, held_out)) {
            const double x = by_second ? row.elapsed : static_cast<double>(row.step);
            if (!std::isfinite(x)) continue;
            line.x.push_back(x);
            line.y.push_back((held_out ? row.val : row.loss) * (c.per_byte ? per_byte_of(run) : 1));
            chart.y.log = chart.y.log && line.y.back() > 0;
        }
        if (!line.x.empty()) chart.lines.push_back(std::move(line));
    }
    std::set<double> floors;
    for (const ComparedRun& run : c.runs)
        floors.insert(c.per_byte ? run.result.floor_bits_per_byte : run.result.floor);
    if (floors.size() == 1 && *floors.begin() > 0)
        chart.levels = {{fmt::format("floor {:.3f}", *floors.begin()), *floors.begin()}};
    return chart;
}

}  // namespace

Comparison compare_runs(const std::vector<std::string>& folders) {
    require(folders.size() >= 2, "compare: {} run{}, must be at least 2", folders.size(),
            folders.size() == 1 ? "" : "s");
    Comparison c;
    c.per_byte = true;
    for (const std::string& folder : folders) {
        c.runs.push_back(compared_run(folder));
        c.per_byte = c.per_byte && std::isfinite(per_byte_of(c.runs.back()));
        for (std::size_t i = 0; i + 1 < c.runs.size(); ++i) {
            std::error_code ignored;
            require(!fs::equivalent(folder, folders[i], ignored), "compare: {} is given twice{}",
                    folder, folder == folders[i] ? "" : " (also as " + folders[i] + ")");
        }
    }
    name_runs(c.runs);
    c.verdict = verdict_of(c.runs, c.per_byte);
    c.facts = facts_of(c);
    c.differences = differences_of(c.runs);
    c.by_step = chart_of(c, false);
    c.by_second = chart_of(c, true);
    return c;
}

}  // namespace gradus
