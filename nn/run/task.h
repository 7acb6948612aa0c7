// SPDX-License-Identifier: MIT
// A task for fit() to train a model on. It must provide the loss of a batch; everything else is
// optional, and the run shows whatever is provided.
//
//     Task task{.name = "two moons"};
//     task.loss = [&](Index, Index) { return binary_cross_entropy(net(x), y); };
//     task.evaluate = [&](Effort) { return evaluate_binary(net(test.x), test.y); };
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "autograd/variable.h"
#include "nn/config.h"
#include "nn/run/snapshots.h"
#include "nn/train/evaluate.h"
#include "nn/train/health.h"

namespace gradus {

// A result found once, when training is finished: "200 new stories: 195 keep every rule".
struct Finding {
    std::string words;       // for people
    std::string key_values;  // for a log: "checked stories=200 right=195"
};

enum class Effort { quick, full };  // quick: at every evaluation; full: after the last step

struct Task {
    std::string name = "run";   // "tales, quick": in the report's title
    std::string unit = "loss";  // of a loss: "nats per character"
    std::string item = "";      // what is counted per second: "tok"; empty: steps

    // The loss of one micro-batch: a pure function of step (from 0), micro-batch and parameters, so
    // that a run can be resumed exactly.
    std::function<Variable(Index step, Index micro_batch)> loss = {};
    std::function<Index()> items = {};  // the number used since the last call

    // Evaluates on held-out data. Must not draw from the random streams of training.
    std::function<Evaluation(Effort)> evaluate = {};
    std::function<std::string()> sample = {};             // from the model as it is now, one line
    std::function<std::vector<Drawing>()> pictures = {};  // of its inside as it is now
    std::function<Finding()> examine = {};                // after the last step

    // Values to compare the loss with, in its unit; negative: not known.
    double uniform_baseline = -1;      // every outcome equally likely: ln V
    double bigram_baseline = -1;       // a bigram model
    double floor = -1;                 // entropy of the data: the irreducible loss
    std::vector<BandPoint> band = {};  // the reference band of normal runs

    std::vector<std::string> introduction = {};  // lines for people, before the first step
    std::string key_values = "";                 // the same for a log: "data=tales vocabulary=42"
    std::string command = "";                    // reproduces the run
    std::string resume_command = "";             // resumes it; empty: the same command does

    // Fields that define the run besides those of model and training: saved in run.json, compared
    // when the run is resumed.
    std::vector<ConfigSection> sections = {};
    std::function<void(nlohmann::json&)> save = {};  // adds to run.json what is not a field
};

}  // namespace gradus
