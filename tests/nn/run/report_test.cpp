// SPDX-License-Identifier: MIT
// The report of a run: whole, small and honest at every moment of the training.
#include "nn/run/report.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "nn/files/atomic_file.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// Heads that look at what is near, each a little otherwise, as trained ones do.
Snapshot moment_at(Index step, std::size_t heads, std::size_t tokens) {
    Snapshot moment;
    moment.sample = {step, 1, "a <cat>"};
    moment.next.labels = std::vector<std::string>(6, "<");
    moment.next.values = {0.5, 0.2, 0.1, 0.05, 0.03, 0.01};
    HeatMaps& maps = moment.attention;
    maps.row_labels = maps.column_labels = std::vector<std::string>(tokens, "字");
    Random random(static_cast<std::uint64_t>(step));
    for (std::size_t head = 0; head < heads; ++head) {
        auto& map = maps.maps.emplace_back();
        for (std::size_t t = 0; t < tokens; ++t)
            for (std::size_t s = 0; s < tokens; ++s)
                map.values.push_back(s > t ? 0
                                           : random.uniform() / (1 + static_cast<double>(t - s)));
    }
    return moment;
}

ReportData example(Index steps) {
    ReportData data;
    data.run.steps_done = steps;
    data.run.training.steps = 2000;
    data.uniform_baseline = 3.3;
    data.command = "./gradus gpt --data \"a & b.txt\"";
    for (Index step = 1; step <= steps; ++step) {
        LogRow row;
        row.step = step;
        row.loss = 3 - 1e-3 * static_cast<double>(step);
        row.lr = 1e-3;
        row.gradient_norm = 1;
        if (step % 200 == 0) {
            row.val = row.loss;
            data.run.samples.push_back({step, row.val, "a <cat> & a\n\"dog\""});
        }
        data.log.push_back(row);
    }
    return data;
}

}  // namespace

TEST_CASE("report: renewed while training goes on, and not after") {
    ReportData data = example(1200);
    data.eta = 95;
    const std::string running = report_html(data);
    CHECK(contains(running, "http-equiv=\"refresh\""));
    CHECK(contains(running, "<a href=\"?hold#status\">"));  // with it the reader stops that
    CHECK(contains(running, "Step 1200 of 2000, about 1 min 35 s left"));
    data.finished = true;
    const std::string done = report_html(data);
    CHECK_FALSE(contains(done, "http-equiv"));
    CHECK_FALSE(contains(done, "?hold"));
    CHECK(contains(done, "Stopped after step 1200 of 2000"));
    data.run.training.steps = 1200;
    CHECK(contains(report_html(data), "Done: 1200 steps"));
}

TEST_CASE("report: under 300 kB after 2000 steps, without script or requests") {
    ReportData data = example(2000);
    for (Index step = 0; step <= 2000; step += 200) data.moments.push_back(moment_at(step, 9, 8));
    std::string page = report_html(data);
    CAPTURE(page.size());
    CHECK(page.size() < 300'000);
    CHECK(count_of(page, "<section") == 11);
    // The name of SVG's namespace looks like an address, and is only a name; links lead to places
    // in the page itself.
    for (const std::string part : {"http://www.w3.org/2000/svg", "href=\"?", "href=\"#"})
        for (std::size_t at; (at = page.find(part)) != std::string::npos;)
            page.erase(at, part.size());
    for (const char* part : {"<script", "http://", "https://", "src=", "href=", "url("})
        CHECK_FALSE(contains(page, part));
}

TEST_CASE("report: of large models fewer moments are shown, the first and the last always") {
    ReportData data = example(2000);
    data.run.model.layers = 12;
    data.run.model.heads = 12;
    data.run.samples = std::vector<RunSample>(500, {1, 1, std::string(130, '<')});
    for (Index step = 0; step <= 2000; step += 20) data.moments.push_back(moment_at(step, 36, 12));
    const std::string page = report_html(data);
    CAPTURE(page.size());
    CHECK(page.size() < 300'000);
    CHECK(count_of(page, "<section") >= 2);
    CHECK(contains(page, "id=\"step-0\""));
    CHECK(contains(page, "id=\"step-2000\""));
    CHECK(contains(page, "the first 36 of 144 heads"));
}

TEST_CASE("report: each moment links to all others, and holds the page while it is renewed") {
    ReportData data = example(100);
    for (const Index step : {0, 50, 100}) data.moments.push_back(moment_at(step, 2, 4));
    const std::string running = report_html(data);
    CHECK(count_of(running, "<a href=\"?hold-50#step-50\">") == 2);
    CHECK(count_of(running, "<strong aria-current=\"true\">50</strong>") == 1);
    data.finished = true;
    CHECK(count_of(report_html(data), "<a href=\"#step-50\">") == 2);
    CHECK(count_of(report_html(data), "字字字字") == 3);  // what is read, once a moment
}

TEST_CASE("report: samples and the command are shown as they are, oldest first") {
    const std::string page = report_html(example(400));
    CHECK(contains(page, "a &lt;cat&gt; &amp; a\n&quot;dog&quot;"));
    CHECK(contains(page, "--data &quot;a &amp; b.txt&quot;"));
    CHECK(page.find("<li>Step 200,") < page.find("<li>Step 400,"));
}

TEST_CASE("report: a line has at most 1000 points and ends at the last step") {
    const LineChart chart = loss_chart(example(1999));
    CHECK(chart.lines[0].x.size() == 1000);
    CHECK(chart.lines[0].x.back() == 1999);
    CHECK(chart.lines[2].x.size() == 9);  // evaluations only
    CHECK(chart.levels.size() == 1);      // what is not known is not drawn
}

TEST_CASE("report: smoothing starts at the first loss, not at 0") {
    const LineChart chart = loss_chart(example(100));
    CHECK(chart.lines[1].y.front() == doctest::Approx(chart.lines[0].y.front()));
    CHECK(chart.lines[1].y.back() > chart.lines[0].y.back());  // it lags behind a falling loss
}

TEST_CASE("report: the numbers give the step in full") {
    ReportData data = example(1);
    data.log[0].step = 123'456;
    CHECK(contains(report_html(data), "<td>123456</td>"));
}

TEST_CASE("report: before the first step the page is there too") {
    const TemporaryFolder folder;
    write_report(folder.path(), example(0));
    CHECK(contains(read_file(folder.file("report.html")), "Step 0 of 2000."));
}

TEST_CASE("report: the mean follows the last fifth of the losses, and at most fifty") {
    CHECK(newest_weight(1) == 1);
    CHECK(newest_weight(6) == doctest::Approx(0.5));
    CHECK(newest_weight(246) == doctest::Approx(0.02));
    CHECK(newest_weight(1'000'000) == 0.02);
}
