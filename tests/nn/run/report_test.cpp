// SPDX-License-Identifier: MIT
// The report of a run: complete, small and accurate at every moment of training.
#include "nn/run/report.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "nn/files/atomic_file.h"
#include "nn/plot/svg.h"
#include "nn/run/loss_chart.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// Heads that attend to nearby tokens, each a little differently, as trained ones do.
Snapshot snapshot_at(Index step, std::size_t heads, std::size_t tokens) {
    BarChart next;
    next.labels = std::vector<std::string>(6, "<");
    next.values = {0.5, 0.2, 0.1, 0.05, 0.03, 0.01};
    HeatMaps maps;
    maps.caption = {"Heads & tails", "Rows look.", "all alike."};
    maps.row_labels = maps.column_labels = std::vector<std::string>(tokens, "字");
    Random random(static_cast<std::uint64_t>(step));
    for (std::size_t head = 0; head < heads; ++head) {
        auto& map = maps.maps.emplace_back();
        for (std::size_t t = 0; t < tokens; ++t)
            for (std::size_t s = 0; s < tokens; ++s)
                map.values.push_back(s > t ? 0
                                           : random.uniform() / (1 + static_cast<double>(t - s)));
    }
    return {step, 1, "a <cat>", {{next.caption, svg(next)}, {maps.caption, svg(maps)}}};
}

struct ReportExample {
    RunState state;
    std::vector<LogRow> rows;

    std::string page(Stage stage = Stage::running) const { return report_html(state, rows, stage); }
};

ReportExample example_of(Index steps) {
    ReportExample e;
    e.state.step = steps;
    e.state.facts.steps = 2000;
    e.state.facts.uniform_baseline = 3.3;
    e.state.facts.command = "./gradus gpt --data \"a & b.txt\"";
    e.state.health.words = "normal";
    for (Index step = 1; step <= steps; ++step) {
        LogRow row;
        row.step = step;
        row.loss = 3 - 1e-3 * static_cast<double>(step);
        row.lr = 1e-3;
        row.gradient_norm = 1;
        if (step % 200 == 0) {
            row.val = row.loss;
            e.state.snapshots.push_back({step, row.val, "a <cat> & a\n\"dog\""});
        }
        e.rows.push_back(row);
    }
    return e;
}

}  // namespace

TEST_CASE("report: refreshed during training, and not after") {
    ReportExample e = example_of(1200);
    e.state.eta = 95;
    const std::string running = e.page();
    CHECK(contains(running, "http-equiv=\"refresh\""));
    CHECK(contains(running, "<a href=\"?hold#status\">"));  // lets the reader stop that
    CHECK(contains(running, "Step 1200 of 2000, about 1 min 35 s left"));
    const std::string stopped = e.page(Stage::stopped);
    CHECK_FALSE(contains(stopped, "http-equiv"));
    CHECK_FALSE(contains(stopped, "?hold"));
    CHECK(contains(stopped, "Stopped after step 1200 of 2000"));
    e.state.val = 0.5;
    e.state.accuracy = 0.98;
    const std::string done = e.page(Stage::finished);
    CHECK(contains(done, "Done: 1200 steps"));
    CHECK(contains(done, "validation loss 0.5000, accuracy 98.0 %. Verdict: normal."));
}

TEST_CASE("report: under 300 kB after 2000 steps, without script or requests") {
    ReportExample e = example_of(2000);
    e.state.snapshots.clear();
    for (Index step = 0; step <= 2000; step += 200)
        e.state.snapshots.push_back(snapshot_at(step, 9, 8));
    std::string page = e.page();
    CAPTURE(page.size());
    CHECK(page.size() < 300'000);
    CHECK(count_of(page, "<section") == 11);
    CHECK(contains(page, "Heads &amp; tails: Rows look."));
    // SVG's namespace looks like an address but is only a name; links lead to places in the page
    // itself.
    for (const std::string part : {"http://www.w3.org/2000/svg", "href=\"?", "href=\"#"})
        for (std::size_t at; (at = page.find(part)) != std::string::npos;)
            page.erase(at, part.size());
    for (const char* part : {"<script", "http://", "https://", "src=", "href=", "url("})
        CHECK_FALSE(contains(page, part));
}

TEST_CASE("report: of large models fewer snapshots are shown, the first and the last always") {
    ReportExample e = example_of(2000);
    e.state.snapshots.clear();
    for (Index step = 0; step <= 2000; step += 20)
        e.state.snapshots.push_back(snapshot_at(step, 36, 12));
    for (int i = 0; i < 400; ++i) e.state.snapshots.push_back({1, 1, std::string(130, '<')});
    const std::string page = e.page();
    CAPTURE(page.size());
    CHECK(page.size() < 300'000);
    CHECK(count_of(page, "<section") >= 2);
    CHECK(contains(page, "id=\"step-0\""));
    CHECK(contains(page, "id=\"step-2000\""));
}

TEST_CASE("report: each snapshot links to all others, and to a page that does not refresh") {
    ReportExample e = example_of(100);
    for (const Index step : {0, 50, 100}) e.state.snapshots.push_back(snapshot_at(step, 2, 4));
    const std::string running = e.page();
    CHECK(count_of(running, "<a href=\"?hold-50#step-50\">") == 2);
    CHECK(count_of(running, "<strong aria-current=\"true\">50</strong>") == 1);
    CHECK(count_of(e.page(Stage::finished), "<a href=\"#step-50\">") == 2);
}

TEST_CASE("report: samples and the command are shown as they are, oldest first") {
    const std::string page = example_of(400).page();
    CHECK(contains(page, "a &lt;cat&gt; &amp; a\n&quot;dog&quot;"));
    CHECK(contains(page, "--data &quot;a &amp; b.txt&quot;"));
    CHECK(page.find("<li>Step 200,") < page.find("<li>Step 400,"));
}

TEST_CASE("report: it is complete without samples, pictures, command or validation, too") {
    ReportExample e = example_of(10);
    e.state.snapshots.clear();
    e.state.facts.command.clear();
    const std::string page = e.page(Stage::finished);
    CHECK(contains(page, "Done: 10 steps in 0 s. Verdict"));
    for (const char* part : {"Samples over time", "What it does inside", "How to reproduce"})
        CHECK_FALSE(contains(page, part));
}

TEST_CASE("report: a line has at most 1000 points and ends at the last step") {
    const ReportExample e = example_of(1999);
    const LineChart chart = loss_chart(e.state.facts, e.rows);
    CHECK(chart.lines[0].x.size() == 1000);
    CHECK(chart.lines[0].x.back() == 1999);
    CHECK(chart.lines[2].x.size() == 9);  // evaluations only
    CHECK(chart.levels.size() == 1);      // what is unknown is not drawn
}

TEST_CASE("report: smoothing starts at the first loss, not at 0") {
    const ReportExample e = example_of(100);
    const LineChart chart = loss_chart(e.state.facts, e.rows);
    CHECK(chart.lines[1].y.front() == doctest::Approx(chart.lines[0].y.front()));
    CHECK(chart.lines[1].y.back() > chart.lines[0].y.back());  // it lags behind a falling loss
}

TEST_CASE("report: the numbers give the step in full") {
    ReportExample e = example_of(1);
    e.rows[0].step = 123'456;
    CHECK(contains(e.page(), "<td>123456</td>"));
}

TEST_CASE("report: the page exists before the first step") {
    const TemporaryFolder folder;
    ReportExample e = example_of(0);
    e.state.facts.folder = folder.path();
    write_report(e.state, e.rows, Stage::running);
    CHECK(contains(read_file(folder.file("report.html")), "Step 0 of 2000."));
}

TEST_CASE("report: the mean follows the last fifth of the losses, and at most fifty") {
    CHECK(newest_weight(1) == 1);
    CHECK(newest_weight(6) == doctest::Approx(0.5));
    CHECK(newest_weight(246) == doctest::Approx(0.02));
    CHECK(newest_weight(1'000'000) == 0.02);
}

TEST_CASE("report: the losses of a text are in bits per byte, too, and those of others are not") {
    ReportExample e = example_of(10);
    CHECK_FALSE(contains(e.page(), "bits per byte"));
    e.state.facts.unit = "nats per token";
    e.state.val = 1.5;
    e.state.bits_per_byte = 0.75;  // half, as every loss in nats per token
    e.state.facts.floor_bits_per_byte = 0.25;
    const std::string page = e.page();
    for (const char* row :
         {"<th scope=\"col\">nats per token</th><th scope=\"col\">bits per byte</th>",
          "<td>uniform baseline</td><td>3.3000</td><td>1.6500</td>",
          "<td>validation</td><td>1.5000</td><td>0.7500</td>",
          "<td>floor</td><td>-</td><td>0.2500</td>"})
        CHECK(contains(page, row));
    CHECK_FALSE(contains(page, "bigram baseline</td>"));  // not known
}
