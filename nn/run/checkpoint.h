// SPDX-License-Identifier: MIT
// Everything needed to resume a run after the program has ended: the weights, the optimiser state
// and a description of the run, all from the same step, saved before extras such as the report.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nn/run/run_folder.h"
#include "nn/run/run_state.h"

namespace gradus {

// The result contained in a run's state, as stored in run.json and returned by fit().
RunResult result_of(const RunState& state);

class Checkpoint {
 public:
    // Takes everything that is saved apart from the state. `parameters`, `trainer` and the fields
    // that `sections` points to must outlive the checkpoint.
    Checkpoint(std::string folder, const std::vector<NamedParameter>& parameters,
               const Trainer& trainer, std::vector<ConfigSection> sections,
               std::function<void(nlohmann::json&)> more)
        : folder_(std::move(folder)),
          parameters_(parameters),
          trainer_(trainer),
          sections_(std::move(sections)),
          more_(std::move(more)) {}

    // Saves the weights, the resume state and run.json, in this order; each file is replaced as a
    // whole. Throws FileError on failure.
    void save(const RunState& state) const;
    // Writes best.safetensors.
    void save_best() const;

 private:
    std::string folder_;
    const std::vector<NamedParameter>& parameters_;
    const Trainer& trainer_;
    std::vector<ConfigSection> sections_;
    std::function<void(nlohmann::json&)> more_;
};

}  // namespace gradus
