// SPDX-License-Identifier: MIT
// Runs side by side, of any model on any task: what each reached, what differs between their
// configurations, and their losses in one picture. All of it comes from the run.json, the log.csv and
// the header of the weights in their folders; no model is loaded and nothing is computed anew.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/plot/text.h"
#include "nn/run/log.h"
#include "nn/run/run_folder.h"

namespace gradus {

struct ComparedRun {
    std::string folder, name;    // name: as short as tells it from the others
    std::string data, checksum;  // of a text run, as in run.json; otherwise empty
    std::string tokenizer;       // "bpe:2000"; empty unless it is a text run
    Index parameters = 0, planned_steps = 0;
    double tokens_per_second = kNotMeasured;  // of a text run: the median of its steps
    RunResult result;
    std::map<std::string, std::string> configuration;  // by name, as for display
    std::vector<LogRow> log;
    std::string sample;  // the last
};

// Throws FileError if the folder holds no run, or a damaged one.
ComparedRun compared_run(const std::string& folder);

// Rows of cells: the row's name, then a cell for each run.
using ComparedRows = std::vector<std::vector<std::string>>;

struct Comparison {
    std::vector<ComparedRun> runs;
    // The unit in which all losses are known: bits per byte or, failing that, that of the runs.
    bool per_byte = false;
    std::string verdict;       // whether the losses can be compared, in a sentence or two
    ComparedRows facts;        // what each run reached
    ComparedRows differences;  // the fields whose values are not all the same
    // The losses on held-out data or, unless every run has measured some, on training data,
    // smoothed; of the first six runs. By step and by second. Without lines if there are no losses.
    LineChart by_step, by_second;
};

// Throws std::invalid_argument for fewer than two folders, or the same one twice, and FileError as
// compared_run() does.
Comparison compare_runs(const std::vector<std::string>& folders);

// The whole page.
std::string comparison_html(const Comparison& comparison);
// For a terminal: as many runs side by side as fit.
std::string comparison_text(const Comparison& comparison, const TextStyle& style);
// For other programs: a header line and one line per run, in columns divided by tabs. What is not
// known is left empty. The columns after "accuracy" are the configuration's differences.
std::string comparison_tsv(const Comparison& comparison);

}  // namespace gradus
