// SPDX-License-Identifier: MIT
// log.csv in a run's folder: measurements of the training steps, for other programs to plot.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "nn/run/observer.h"

namespace gradus {

struct LogRow {
    Index step = 0;
    double loss = kNotMeasured;  // on the training batch
    double val = kNotMeasured;   // loss on held-out data
    double lr = kNotMeasured;
    double gradient_norm = kNotMeasured;  // before clipping
    double update_ratio = kNotMeasured;   // norm of the update / norm of the weights
    double per_second = kNotMeasured;     // tokens, or steps if the task has no tokens
    double elapsed = kNotMeasured;   // training time in seconds, including time before a resume
    double accuracy = kNotMeasured;  // on held-out data
};

// A header line and one line per row. Values that were not measured are left empty. The decimal
// separator is a point whatever the locale.
std::string log_csv(const std::vector<LogRow>& rows);

// Appends to folder/log.csv and flushes every row. The first 10,000 steps are all logged; after
// that, only every 100th step and those at which an evaluation ran. Throws FileError on any
// failure.
class RunLog : public Observer {
 public:
    // When a run is resumed, keeps existing rows up to step `steps_done` and discards later ones,
    // since those steps will be run again; an incomplete last line is discarded too. 0 starts a new
    // log. The folder must exist.
    RunLog(const std::string& folder, Index steps_done);

    std::string name() const override { return "log.csv"; }
    void stepped(const RunState& state) override;
    void ended(const RunState& state, bool finished) override;  // logs the final evaluation

    void append(const LogRow& row);
    const std::vector<LogRow>& rows() const { return rows_; }

 private:
    std::string path_;
    std::vector<LogRow> rows_;
    std::ofstream file_;
};

}  // namespace gradus
