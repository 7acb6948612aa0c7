// SPDX-License-Identifier: MIT
#include "nn/run/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "nn/files/atomic_file.h"
#include "nn/plot/page.h"
#include "nn/plot/svg.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"
#include "tensor/processor.h"

namespace gradus {
namespace {

constexpr std::size_t kPoints = 1000;   // of a line: more than a screen shows, and small on disk
constexpr std::size_t kTableRows = 20;  // of the numbers below a chart
constexpr std::size_t kSamples = 24;    // a run may be resumed any number of times
constexpr std::size_t kMomentBytes = 215'000;  // of 300 kB; the rest takes up to 70

// At most `most` of them, evenly spaced, the last one included.
template <class T>
std::vector<T> thinned(const std::vector<T>& all, std::size_t most) {
    const std::size_t stride = std::max<std::size_t>(1, (all.size() + most - 1) / most);
    std::vector<T> out;
    for (std::size_t i = 0; i < all.size(); ++i)
        if ((all.size() - 1 - i) % stride == 0) out.push_back(all[i]);
    return out;
}

// The same, and the first too.
template <class T>
std::vector<T> with_first(const std::vector<T>& all, std::size_t most) {
    std::vector<T> out = thinned(all, most);
    if ((all.size() - 1) % ((all.size() + most - 1) / most) != 0) out.insert(out.begin(), all[0]);
    return out;
}

Line measured(std::string name, const std::vector<LogRow>& log, double LogRow::*field) {
    std::vector<LogRow> rows;
    for (const LogRow& row : log)
        if (std::isfinite(row.*field)) rows.push_back(row);
    Line line{std::move(name), {}, {}};
    for (const LogRow& row : thinned(rows, kPoints)) {
        line.x.push_back(static_cast<double>(row.step));
        line.y.push_back(row.*field);
    }
    return line;
}

std::vector<LogRow> smoothed(std::vector<LogRow> log) {
    double mean = 0;
    Index seen = 0;
    for (LogRow& row : log) {
        if (!std::isfinite(row.loss)) continue;
        mean += newest_weight(++seen) * (row.loss - mean);
        row.loss = mean;
    }
    return log;
}

std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.4g}", value) : "-";
}

std::string duration(double seconds) {
    const auto s = static_cast<long long>(std::lround(seconds));
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
    return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
}

std::string numbers(const LineChart& chart) {
    std::string out;
    for (const Line& line : chart.lines) {
        std::vector<std::vector<std::string>> cells;
        for (std::size_t i = 0; i < line.x.size(); ++i)
            cells.push_back({fmt::format("{:.0f}", line.x[i]), number(line.y[i])});
        out += table_html(line.name, {"step", line.name}, thinned(cells, kTableRows));
    }
    return out;
}

bool has_numbers(const LineChart& chart) {
    return std::any_of(chart.lines.begin(), chart.lines.end(),
                       [](const Line& line) { return !line.x.empty(); });
}

std::string status(const ReportData& data) {
    const RunInfo& run = data.run;
    if (data.finished && run.steps_done < run.training.steps)
        return fmt::format("Stopped after step {} of {}; --resume goes on.", run.steps_done,
                           run.training.steps);
    if (data.finished)
        return fmt::format("Done: {} steps in {}, validation loss {:.4f}. {}", run.steps_done,
                           duration(run.seconds), run.val, data.verdict);
    return fmt::format("Step {} of {}{}.", run.steps_done, run.training.steps,
                       data.eta < 0 ? "" : ", about " + duration(data.eta) + " left");
}

// A page that is loaded anew folds up what was unfolded. The address behind the link has another
// query, so it is loaded as a page of its own, and a fragment: to go from it to itself is to scroll
// and not to load (HTML standard, "navigate", fragments), so there the renewal ends.
constexpr const char* kRenewal =
    "<p class=\"soft\">This page renews itself every 2 seconds while training goes on. "
    "<a href=\"?hold#status\">Hold it still</a> to read on or to unfold the numbers; "
    "<a href=\"?\">renew it again</a>.</p>\n";

std::string sample_text(const RunSample& sample) {
    return fmt::format("Step {}, validation loss {:.4f}<pre>{}</pre>", sample.step, sample.val,
                       html_escape(sample.text));
}

std::string samples(const ReportData& data) {
    if (data.run.samples.empty()) return "";
    std::string out =
        "<h2>Samples over time</h2>\n<p class=\"soft\">The same prompt and the same random numbers "
        "each time, oldest first: only the model changes.</p>\n<ol>\n";
    for (const RunSample& sample : with_first(data.run.samples, kSamples))
        out += "<li>" + sample_text(sample) + "</li>\n";
    return out + "</ol>\n";
}

// One of several sections in the same place, of which one is seen: that which the address names,
// at first the last. No script is needed. While the page renews itself each has an address with
// another query, so that it holds (see kRenewal).
std::string moment_html(const std::vector<Snapshot>& all, std::size_t number, bool finished) {
    const auto link = [&](std::size_t i) {
        const Index step = all[i].sample.step;
        return i == number ? fmt::format("<strong aria-current=\"true\">{}</strong> ", step)
                           : fmt::format("<a href=\"{}#step-{}\">{}</a> ",
                                         finished ? "" : fmt::format("?hold-{}", step), step, step);
    };
    const Snapshot& moment = all[number];
    std::string out = fmt::format(
        "<section class=\"moment\" id=\"step-{0}\" aria-label=\"At step {0}\">\n"
        "<p class=\"steps\">At step ",
        moment.sample.step);
    for (std::size_t i = 0; i < all.size(); ++i) out += link(i);
    std::string text;
    for (const std::string& token : moment.attention.row_labels) text += token;
    return out + "</p>\n<div>" + sample_text(moment.sample) +
           fmt::format("</div>\n<p>Inside, while it reads: {}</p>\n<figure>", html_escape(text)) +
           svg(moment.next) + svg(moment.attention) + "</figure></section>\n";
}

// As many moments as the page has room for.
std::string moments(const ReportData& data) {
    if (data.moments.empty()) return "";
    const std::size_t count = data.moments.size();
    std::string sections;
    for (std::size_t stride = 1; stride <= count; ++stride) {
        const auto shown = with_first(data.moments, (count + stride - 1) / stride);
        sections.clear();
        for (std::size_t i = 0; i < shown.size(); ++i)
            sections += moment_html(shown, i, data.finished);
        if (sections.size() <= kMomentBytes) break;
    }
    const std::size_t drawn = data.moments[0].attention.maps.size();
    const auto heads = static_cast<std::size_t>(data.run.model.layers * data.run.model.heads);
    const std::string few =
        drawn < heads ? fmt::format(" These are the first {} of {} heads.", drawn, heads) : "";
    return "<h2 id=\"inside\">What it does inside</h2>\n"
           "<p class=\"soft\">Choose a step. At the top what it would write next, below it where "
           "each head of attention looks: a row looks, a column is looked at. Even and pale at the "
           "start; with training the heads find work of their own, and the bars a favourite. "
           "<strong>When something is wrong:</strong> all heads stay alike, or the bars even after "
           "a text that leaves no choice." +
           few + "</p>\n" + sections;
}

std::string configuration(const RunInfo& run) {
    const GptConfig& m = run.model;
    const TrainerOptions& t = run.training;
    return "<h2>Configuration</h2>\n" +
           facts_html("Configuration",
                      {{"data", run.data},
                       {"preset", run.preset},
                       {"layers", std::to_string(m.layers)},
                       {"heads", std::to_string(m.heads)},
                       {"width", std::to_string(m.width)},
                       {"context", std::to_string(m.context)},
                       {"vocabulary", std::to_string(m.vocabulary)},
                       {"dropout", number(static_cast<double>(m.dropout))},
                       {"numbers to learn", std::to_string(m.parameter_count())},
                       {"steps", std::to_string(t.steps)},
                       {"batch", std::to_string(run.batch)},
                       {"parts per step", std::to_string(t.accumulate)},
                       {"learning rate", number(t.lr) + " down to " + number(t.min_lr)},
                       {"warm-up steps", std::to_string(t.warmup)},
                       {"gradient clipped to", number(t.clip)},
                       {"bf16", t.bf16 ? "yes" : "no"}});
}

}  // namespace

double newest_weight(Index count) {
    return std::clamp(5 / static_cast<double>(count + 4), 0.02, 1.0);
}

std::string machine_text() {
    return fmt::format("{}, {} hardware threads, {} used, {} kernels", processor_name(),
                       std::thread::hardware_concurrency(), threads(), isa());
}

LineChart loss_chart(const ReportData& data) {
    LineChart chart;
    chart.caption = {"Loss",
                     "Both losses fall, fast at first, below counting pairs and towards the least "
                     "possible where that is known.",
                     "it stays at knowing nothing (learning rate too low or too high), or "
                     "validation rises while training falls (learning by heart)."};
    chart.x.name = "step";
    chart.y.name = "loss, nats per token";
    chart.lines = {measured("training, each step", data.log, &LogRow::loss),
                   measured("training, smoothed", smoothed(data.log), &LogRow::loss),
                   measured("validation", data.log, &LogRow::val)};
    const auto level = [&](const char* name, double value) {
        if (value >= 0) chart.levels.push_back({fmt::format("{} = {:.2f}", name, value), value});
    };
    level("knowing nothing", data.uniform_baseline);
    level("counting pairs", data.bigram);
    level("least possible", data.floor);
    return chart;
}

LineChart lr_chart(const ReportData& data) {
    LineChart chart;
    chart.caption = {"Learning rate", "It rises during the warm-up, then falls along a cosine.",
                     "it is still high at the last step: the run was cut short."};
    chart.x.name = "step";
    chart.y.name = "learning rate";
    chart.lines = {measured("learning rate", data.log, &LogRow::lr)};
    return chart;
}

LineChart gradient_chart(const ReportData& data) {
    LineChart chart;
    chart.caption = {"Gradient norm", "After the first steps it stays within about a factor of 10.",
                     "spikes that come more and more often, or a steady climb: the learning rate "
                     "is too high."};
    chart.x.name = "step";
    chart.y = {"gradient norm before clipping", true};
    chart.lines = {measured("gradient norm", data.log, &LogRow::gradient_norm)};
    return chart;
}

std::string report_html(const ReportData& data) {
    std::string body = fmt::format("<p class=\"status\" id=\"status\" role=\"status\">{}</p>\n{}",
                                   html_escape(status(data)), data.finished ? "" : kRenewal);
    for (const LineChart& chart : {loss_chart(data), lr_chart(data), gradient_chart(data)})
        if (has_numbers(chart)) body += figure_html({svg(chart), chart.caption, numbers(chart)});
    body += moments(data) + samples(data) + configuration(data.run);
    body += fmt::format("<h2>Machine</h2>\n<p>{}</p>\n", html_escape(data.machine));
    body += fmt::format(
        "<h2>How to reproduce</h2>\n<pre>{}</pre>\n<p>Seed {}: the same model to the bit, on any "
        "number of threads.</p>\n"
        "<h2>Files beside this page</h2>\n<p>log.csv: the measurements of the steps. run.json: how "
        "the model was made. inside.json: what it did inside at those moments. model.safetensors: "
        "the weights. resume.safetensors: all that going on "
        "needs.</p>\n",
        html_escape(data.command), data.run.training.seed);
    return html_page(
        "Training report: " + std::filesystem::path(data.run.data).filename().string() + ", " +
            data.run.preset,
        body, !data.finished);
}

void write_report(const std::string& folder, const ReportData& data) {
    write_file(folder + "/report.html", report_html(data));
}

}  // namespace gradus
