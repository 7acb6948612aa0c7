// SPDX-License-Identifier: MIT
// log.csv in a run's folder: measurements of the training steps, for other programs to plot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/files/append_file.h"
#include "nn/files/checksum.h"
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

// The rows of a log up to step `steps_done`; an incomplete last line is left out. With the record of
// a checkpoint, what was appended later is left out too. Throws FileError if it cannot be read, or
// is not what was written.
std::vector<LogRow> read_log(const std::string& path, Index steps_done,
                             const Checksum* record = nullptr);

// Appends to folder/log.csv, row by row. The first 10,000 steps are all logged; after that, only
// every 100th step and those at which an evaluation ran. Throws FileError on any failure.
class RunLog : public Observer {
 public:
    // When a run is resumed, keeps existing rows as read_log() does and discards later ones, since
    // those steps will be run again. A log that is missing or damaged is set aside, as
    // log.csv.damaged, and begun again with the evaluations in `snapshots`; repaired() then says so.
    // 0 starts a new log. The folder must exist.
    RunLog(const std::string& folder, Index steps_done, const Checksum* record = nullptr,
           const std::vector<Snapshot>& snapshots = {});

    std::string name() const override { return "log.csv"; }
    void stepped(const RunState& state) override;
    void ended(const RunState& state, bool finished) override;  // logs the final evaluation

    void append(const LogRow& row);
    const std::vector<LogRow>& rows() const { return rows_; }
    const std::string& repaired() const { return repaired_; }  // a line for the user; usually empty
    // For a checkpoint: puts all rows on disk and returns their checksum; null after a failure.
    const Checksum* record();

 private:
    std::string path_;
    std::vector<LogRow> rows_;
    std::string repaired_;
    std::unique_ptr<AppendFile> file_;
    std::optional<Checksum> checksum_;
};

}  // namespace gradus
