// SPDX-License-Identifier: MIT
// report.html in a run's folder: how training went, on one page.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/log.h"
#include "nn/run/observer.h"

namespace gradus {

// Writes the page at every evaluation, every ten seconds, and at the end. Throws FileError on any
// failure.
class ReportWriter : public Observer {
 public:
    explicit ReportWriter(std::shared_ptr<const RunLog> log) : log_(std::move(log)) {}

    std::string name() const override { return "report.html"; }
    void stepped(const RunState& state) override;
    void evaluated(const RunState& state) override;
    void ended(const RunState& state, bool finished) override;

 private:
    std::shared_ptr<const RunLog> log_;
    std::chrono::steady_clock::time_point written_{};
};

// running: the page keeps reloading itself.
enum class Stage { running, stopped, finished };

// rows: any number of them, in ascending order of steps.
std::string report_html(const RunState& state, const std::vector<LogRow>& rows, Stage stage);

// Replaces folder/report.html as a whole.
void write_report(const RunState& state, const std::vector<LogRow>& rows, Stage stage);

// The processor's name if the system reports it, how many hardware threads it has, how many are
// used, and the kernels.
std::string machine_text();

LineChart loss_chart(const RunFacts& facts, const std::vector<LogRow>& rows);
LineChart lr_chart(const std::vector<LogRow>& rows);
LineChart gradient_chart(const std::vector<LogRow>& rows);

}  // namespace gradus
