// SPDX-License-Identifier: MIT
// The state of a run at one moment: everything that an observer sees.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "nn/run/snapshots.h"
#include "nn/train/health.h"

namespace gradus {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

// A result determined once, after training: "200 new stories: 195 keep every rule".
struct Finding {
    std::string words;       // human-readable
    std::string key_values;  // for logs: "checked stories=200 right=195"
};

// The facts that stay the same from the first step to the last.
struct RunFacts {
    std::string name = "run", folder = "";  // folder: empty if nothing is saved
    std::string unit = "loss", item = "";
    Index steps = 0, parameters = 0;
    double uniform_baseline = -1, bigram_baseline = -1, floor = -1;  // negative: not known
    double floor_bits_per_byte = -1;
    std::uint64_t seed = 1;
    bool stops = false;  // Ctrl-C is handled
    std::vector<std::pair<std::string, std::string>> configuration = {};
    std::string machine = "", command = "", resume_command = "";
    std::vector<std::string> introduction = {};
    std::string key_values = "";
};

struct RunState {
    RunFacts facts;

    Index step = 0;                      // steps done
    bool finished = false;               // with the last evaluation
    double last_loss = kNotMeasured;     // of the last step
    double loss = kNotMeasured;          // mean of about the last 50 steps
    double lr = 0, gradient_norm = 0;    // of the last step; norm before clipping
    double update_ratio = kNotMeasured;  // |update| / |weights|, of the last step that measured it
    bool ratio_is_new = false;           // measured in the last step

    double val = kNotMeasured, accuracy = kNotMeasured;  // of the last evaluation
    double bits_per_byte = kNotMeasured;                 // the same as val; of text only
    bool val_is_new = false;                             // evaluated after the last step
    bool val_is_full = false;  // of all held-out data, as after the last step; best_val is not
    double best_val = kNotMeasured;
    Index best_step = 0;

    double rate = 0;              // items or steps per second
    double elapsed = 0, eta = 0;  // seconds; elapsed includes earlier sessions
    Health health;
    std::vector<Snapshot> snapshots;  // at evaluations, oldest first
    Finding finding;                  // about the finished model
};

}  // namespace gradus
