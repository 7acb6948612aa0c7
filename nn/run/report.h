// SPDX-License-Identifier: MIT
// report.html in a run's folder: how training went, on one page.
#pragma once

#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/log.h"
#include "nn/run/run_folder.h"
#include "nn/run/snapshots.h"

namespace gradus {

struct ReportData {
    RunInfo run;                    // with its samples
    std::string machine;            // see machine_text()
    std::vector<LogRow> log;        // any number, steps ascending
    std::vector<Snapshot> moments;  // any number, steps ascending; the page shows some
    bool finished = false;          // until then the page loads itself anew
    double eta = -1;                // seconds; negative: not known
    double uniform_baseline = -1, bigram = -1, floor = -1;  // nats per token; negative: not known
    std::string command;                                    // that makes the same run again
    std::string verdict;  // a sentence on the result; may be empty
};

// How much the newest of `count` losses weighs in the mean that people are shown: of about the last
// 50, at the beginning, where the loss falls fast, of the last fifth.
//     mean += newest_weight(count) * (loss - mean)
double newest_weight(Index count);

// The processor's name where the system tells it, its threads and those used, the kernels.
std::string machine_text();

LineChart loss_chart(const ReportData& data);
LineChart lr_chart(const ReportData& data);
LineChart gradient_chart(const ReportData& data);

std::string report_html(const ReportData& data);

// Replaces folder/report.html as a whole. Throws FileError.
void write_report(const std::string& folder, const ReportData& data);

}  // namespace gradus
