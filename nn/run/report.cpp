// SPDX-License-Identifier: MIT
#include "nn/run/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "nn/files/atomic_file.h"
#include "nn/plot/page.h"
#include "nn/plot/svg.h"
#include "nn/run/loss_chart.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"
#include "tensor/processor.h"

namespace gradus {
namespace {

constexpr std::size_t kPoints = 1000;   // per line: more than a screen shows, yet small on disk
constexpr std::size_t kTableRows = 20;  // of the table below a chart
constexpr std::size_t kSamples = 24;    // at most, however often a run was resumed
constexpr auto kRenewed = std::chrono::seconds(10);
constexpr std::size_t kSnapshotBytes = 215'000;  // of 300 kB; the rest of the page takes up to 70

// At most `most` elements, evenly spaced, including the last.
template <class T>
std::vector<T> thinned(const std::vector<T>& all, std::size_t most) {
    const std::size_t stride = std::max<std::size_t>(1, (all.size() + most - 1) / most);
    std::vector<T> out;
    for (std::size_t i = 0; i < all.size(); ++i)
        if ((all.size() - 1 - i) % stride == 0) out.push_back(all[i]);
    return out;
}

// The same, plus the first.
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

std::string status(const RunState& s, Stage stage) {
    const Index steps = s.facts.steps;
    if (stage == Stage::stopped)
        return fmt::format("Stopped after step {} of {}; resuming continues from there.", s.step,
                           steps);
    if (stage == Stage::running)
        return fmt::format("Step {} of {}{}.", s.step, steps,
                           s.eta > 0 ? ", about " + duration(s.eta) + " left" : "");
    std::string text = fmt::format("Done: {} steps in {}", s.step, duration(s.elapsed));
    if (std::isfinite(s.val)) text += fmt::format(", validation loss {:.4f}", s.val);
    if (std::isfinite(s.accuracy)) text += fmt::format(", accuracy {:.1f} %", 100 * s.accuracy);
    return text + fmt::format(". Verdict: {}. {}", s.health.words, s.finding.words);
}

// Reloading a page folds up what was unfolded. The link's address has another query, so it is
// loaded as a separate page, and a fragment: navigating from that address to itself scrolls instead
// of loading (HTML standard, "navigate", fragments), so reloading ends there.
constexpr const char* kRenewal =
    "<p class=\"soft\">This page reloads every 2 seconds during training. "
    "<a href=\"?hold#status\">Pause it</a> to read on or to unfold the numbers; "
    "<a href=\"?\">resume reloading</a>.</p>\n";

std::string sample_text(const Snapshot& sample) {
    std::string text = fmt::format("Step {}", sample.step);
    if (std::isfinite(sample.val)) text += fmt::format(", validation loss {:.4f}", sample.val);
    return sample.text.empty() ? text
                               : text + fmt::format("<pre>{}</pre>", html_escape(sample.text));
}

std::string samples(const std::vector<Snapshot>& snapshots) {
    std::vector<Snapshot> with_text;
    for (const Snapshot& s : snapshots)
        if (!s.text.empty()) with_text.push_back({s.step, s.val, s.text});
    if (with_text.empty()) return "";
    std::string out =
        "<h2>Samples over time</h2>\n<p class=\"soft\">The same prompt and the same random numbers "
        "each time, oldest first: only the model changes.</p>\n<ol>\n";
    for (const Snapshot& sample : with_first(with_text, kSamples))
        out += "<li>" + sample_text(sample) + "</li>\n";
    return out + "</ol>\n";
}

// One of several sections in the same place, of which only one is visible: the one that the address
// names, initially the last. No script is needed. While the page reloads itself, each section's
// address has its own query, so that reloading pauses there (see kRenewal).
std::string snapshot_html(const std::vector<const Snapshot*>& all, std::size_t number,
                          bool running) {
    const auto link = [&](std::size_t i) {
        const Index step = all[i]->step;
        return i == number ? fmt::format("<strong aria-current=\"true\">{}</strong> ", step)
                           : fmt::format("<a href=\"{}#step-{}\">{}</a> ",
                                         running ? fmt::format("?hold-{}", step) : "", step, step);
    };
    const Snapshot& snapshot = *all[number];
    std::string out = fmt::format(
        "<section class=\"moment\" id=\"step-{0}\" aria-label=\"At step {0}\">\n"
        "<p class=\"steps\">At step ",
        snapshot.step);
    for (std::size_t i = 0; i < all.size(); ++i) out += link(i);
    out += "</p>\n<div>" + sample_text(snapshot) + "</div>\n";
    for (const Drawing& drawing : snapshot.drawings)
        out += "<p>" + html_escape(drawing.caption.title) + "</p>\n<figure>" +
               picture_html(drawing.svg, drawing.caption.title) + "</figure>\n";
    return out + "</section>\n";
}

// As many snapshots as the page has room for.
std::string snapshots(const std::vector<Snapshot>& all, bool running) {
    std::vector<const Snapshot*> drawn;
    for (const Snapshot& s : all)
        if (!s.drawings.empty()) drawn.push_back(&s);
    if (drawn.empty()) return "";
    const std::size_t count = drawn.size();
    std::string sections;
    for (std::size_t stride = 1; stride <= count; ++stride) {
        const auto shown = with_first(drawn, (count + stride - 1) / stride);
        sections.clear();
        for (std::size_t i = 0; i < shown.size(); ++i) sections += snapshot_html(shown, i, running);
        if (sections.size() <= kSnapshotBytes) break;
    }
    std::string about =
        "<h2 id=\"inside\">What it does inside</h2>\n<p class=\"soft\">Choose a "
        "step.</p>\n";
    for (const auto& [caption, svg] : drawn.back()->drawings)
        about += fmt::format(
            "<p class=\"soft\">{}: {} <strong>When something is wrong:</strong> {}</p>\n",
            html_escape(caption.title), html_escape(caption.look_for), html_escape(caption.wrong));
    return about + sections;
}

// The losses of the first chart in the unit that does not depend on the tokenizer, too.
std::string losses(const RunState& s) {
    if (!std::isfinite(s.bits_per_byte) || !(s.val > 0)) return "";
    const RunFacts& f = s.facts;
    const double per_byte = s.bits_per_byte / s.val;  // of the same tokens
    std::vector<std::vector<std::string>> rows;
    const auto add = [&](const char* name, double loss, double bits) {
        if (loss >= 0 || bits >= 0)
            rows.push_back(
                {name, loss < 0 ? "-" : fmt::format("{:.4f}", loss), fmt::format("{:.4f}", bits)});
    };
    add("uniform baseline", f.uniform_baseline, f.uniform_baseline * per_byte);
    add("bigram baseline", f.bigram_baseline, f.bigram_baseline * per_byte);
    add("validation", s.val, s.bits_per_byte);
    add("floor", f.floor, f.floor_bits_per_byte);
    return "<h2>Loss per byte</h2>\n<p class=\"soft\">What a token is depends on the tokenizer, "
           "and "
           "with it the loss per token. Bits per byte of the held-out text can be compared between "
           "tokenizers.</p>\n" +
           table_html("Loss per byte", {"loss", f.unit, "bits per byte"}, rows);
}

std::string configuration(const RunFacts& facts) {
    auto list = facts.configuration;
    list.emplace_back("parameters", std::to_string(facts.parameters));
    return "<h2>Configuration</h2>\n" + facts_html("Configuration", list);
}

}  // namespace

std::string machine_text() {
    return fmt::format("{}, {} hardware threads, {} used, {} kernels", processor_name(),
                       std::thread::hardware_concurrency(), threads(), isa());
}

LineChart loss_chart(const RunFacts& facts, const std::vector<LogRow>& rows) {
    return loss_chart(
        facts, std::vector<Line>{measured("training, each step", rows, &LogRow::loss),
                                 measured("training, smoothed", smoothed(rows), &LogRow::loss),
                                 measured("validation", rows, &LogRow::val)});
}

LineChart lr_chart(const std::vector<LogRow>& rows) {
    LineChart chart;
    chart.caption = {"Learning rate", "It rises during warm-up, then follows its schedule.",
                     "a cosine or wsd is still high at the last step: the run was cut short."};
    chart.x.name = "step";
    chart.y.name = "learning rate";
    chart.lines = {measured("learning rate", rows, &LogRow::lr)};
    return chart;
}

LineChart gradient_chart(const std::vector<LogRow>& rows) {
    LineChart chart;
    chart.caption = {
        "Gradient norm", "After the first steps it stays within about a factor of 10.",
        "spikes become ever more frequent, or it climbs steadily: the learning rate is "
        "too high."};
    chart.x.name = "step";
    chart.y = {"gradient norm before clipping", true};
    chart.lines = {measured("gradient norm", rows, &LogRow::gradient_norm)};
    return chart;
}

std::string report_html(const RunState& s, const std::vector<LogRow>& rows, Stage stage) {
    const bool running = stage == Stage::running;
    const RunFacts& facts = s.facts;
    std::string body = fmt::format("<p class=\"status\" id=\"status\" role=\"status\">{}</p>\n{}",
                                   html_escape(status(s, stage)), running ? kRenewal : "");
    for (const LineChart& chart : {loss_chart(facts, rows), lr_chart(rows), gradient_chart(rows)})
        if (has_numbers(chart)) body += figure_html({svg(chart), chart.caption, numbers(chart)});
    body += losses(s);
    body += snapshots(s.snapshots, running) + samples(s.snapshots) + configuration(facts);
    body += fmt::format("<h2>Machine</h2>\n<p>{}</p>\n", html_escape(facts.machine));
    if (!facts.command.empty())
        body +=
            fmt::format("<h2>How to reproduce</h2>\n<pre>{}</pre>\n", html_escape(facts.command));
    body += fmt::format(
        "<p>Seed {}: bit-for-bit the same model on any number of threads.</p>\n"
        "<h2>Files beside this page</h2>\n<p>log.csv: the measurements, step by step. run.json: "
        "the configuration and the result. inside.json: the pictures of the inside of the model. "
        "model.safetensors: the weights. resume.safetensors: all it takes to resume.</p>\n",
        facts.seed);
    return html_page("Training report: " + facts.name, body, running);
}

void write_report(const RunState& state, const std::vector<LogRow>& rows, Stage stage) {
    write_file(state.facts.folder + "/report.html", report_html(state, rows, stage));
}

void ReportWriter::stepped(const RunState& state) {
    if (std::chrono::steady_clock::now() - written_ > kRenewed) evaluated(state);
}

void ReportWriter::evaluated(const RunState& state) {
    written_ = std::chrono::steady_clock::now();
    write_report(state, log_->rows(), Stage::running);
}

void ReportWriter::ended(const RunState& state, bool finished) {
    write_report(state, log_->rows(), finished ? Stage::finished : Stage::stopped);
}

}  // namespace gradus
