// SPDX-License-Identifier: MIT
// log.csv in a run's folder: what each training step measured, for other programs to plot.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "nn/run/observer.h"

namespace gradus {

struct LogRow {
    Index step = 0;
    double loss = kNotMeasured;  // of the training batch
    double val = kNotMeasured;   // of held-out data
    double lr = kNotMeasured;
    double gradient_norm = kNotMeasured;  // before clipping
    double update_ratio = kNotMeasured;   // norm of the update by norm of the weights
    double per_second = kNotMeasured;     // tokens or steps
    double elapsed = kNotMeasured;        // seconds of training, earlier sittings included
    double accuracy = kNotMeasured;       // on held-out data
};

// One line of headings and one line per row; what was not measured is an empty field. Numbers have
// a decimal point in every locale.
std::string log_csv(const std::vector<LogRow>& rows);

// Appends to folder/log.csv, each row handed to the system at once. Every step is kept up to
// 10,000; after that every 100th, and each that was evaluated. All errors are FileErrors.
class RunLog : public Observer {
 public:
    // Keeps the rows of an earlier sitting up to `steps_done` and drops later ones, which will be
    // trained again; 0 begins anew. The folder must exist. A last line that was cut off is dropped.
    RunLog(const std::string& folder, Index steps_done);

    std::string name() const override { return "log.csv"; }
    void stepped(const RunState& state) override;
    void ended(const RunState& state, bool finished) override;  // the final evaluation

    void append(const LogRow& row);
    const std::vector<LogRow>& rows() const { return rows_; }

 private:
    std::string path_;
    std::vector<LogRow> rows_;
    std::ofstream file_;
};

}  // namespace gradus
