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
#include "nn/run/run_state.h"
#include "nn/train/evaluate.h"

namespace gradus {

// Any function of a task may throw this to give up what it is doing because the run is to stop;
// fit() then saves the state after the last whole step and returns.
struct Stopped {};

enum class Effort { quick, full };  // quick: at every evaluation; full: after the last step

struct Task {
    std::string name = "run";   // "tales, quick": in the report's title
    std::string unit = "loss";  // of the loss: "nats per character"
    std::string item = "";      // what is counted per second: "tok"; empty: steps

    // The loss of one micro-batch: a pure function of step (counted from 0), micro-batch and
    // parameters, so that a run can be resumed exactly.
    std::function<Variable(Index step, Index micro_batch)> loss = {};
    std::function<Index()> items = {};  // number processed since the last call

    // Evaluates on held-out data. Must not draw from training's random streams.
    std::function<Evaluation(Effort)> evaluate = {};
    double full_effort = 1;  // how many times as long a full evaluation takes as a quick one
    std::function<std::string()> sample = {};             // one line from the current model
    std::function<std::vector<Drawing>()> pictures = {};  // of the current model's internals
    std::function<Finding()> examine = {};                // after the last step

    // Values to compare the loss with, in the same unit; negative: not known.
    double uniform_baseline = -1;      // every outcome equally likely: ln V
    bool trained = false;              // before: the loss may begin above that baseline
    double bigram_baseline = -1;       // of a bigram model
    double floor = -1;                 // entropy of the data: the irreducible loss
    double floor_bits_per_byte = -1;   // the same, for text
    std::vector<BandPoint> band = {};  // the reference band of normal runs

    std::vector<std::string> introduction = {};  // human-readable; shown before the first step
    std::string key_values = "";                 // the same for logs: "data=tales vocabulary=42"
    std::string command = "";                    // reproduces the run
    std::string resume_command = "";             // resumes it; empty: `command` does

    // Fields other than those of model and training that define the run: saved in run.json, and
    // compared when the run is resumed.
    std::vector<ConfigSection> sections = {};
    std::function<void(nlohmann::json&)> save = {};  // adds other values to run.json
};

}  // namespace gradus
