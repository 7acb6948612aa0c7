// SPDX-License-Identifier: MIT
// What makes a run go on after the program has ended: weights, optimiser state and description, one
// state of the run together, saved before anything that only decorates.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nn/run/run_folder.h"
#include "nn/run/run_state.h"

namespace gradus {

class Checkpoint {
 public:
    // What is saved beside the state: all must outlive the checkpoint.
    Checkpoint(std::string folder, const std::vector<NamedParameter>& parameters,
               const Trainer& trainer, std::vector<ConfigSection> sections,
               std::function<void(nlohmann::json&)> more)
        : folder_(std::move(folder)),
          parameters_(parameters),
          trainer_(trainer),
          sections_(std::move(sections)),
          more_(std::move(more)) {}

    // Weights, resume state, run.json: in this order, each as a whole. Throws FileError.
    void save(const RunState& state) const;
    // best.safetensors.
    void save_best() const;

 private:
    std::string folder_;
    const std::vector<NamedParameter>& parameters_;
    const Trainer& trainer_;
    std::vector<ConfigSection> sections_;
    std::function<void(nlohmann::json&)> more_;
};

}  // namespace gradus
