// SPDX-License-Identifier: MIT
// Everything needed to resume a run after the program has ended: the weights, the optimiser state
// and a description of the run, all from the same step, saved before extras such as the report.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nn/files/weights/safetensors.h"
#include "nn/run/run_folder.h"
#include "nn/run/run_state.h"

namespace gradus {

// The result contained in a run's state, as stored in run.json and returned by fit().
RunResult result_of(const RunState& state);
// The inverse, for a run that is resumed after `step` steps.
void restore(const RunResult& result, Index step, RunState& state);

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

    // Creates the folder and takes it for this process; released at the end. Throws FileError as
    // make_folder() and lock_folder() do.
    void open();

    // Reads the saved state into the trainer, having checked all of it, and completes a save that
    // was interrupted. What can be written again is set aside if damaged; returns a line about each
    // such file. Throws FileError, and changes nothing, if the state cannot be resumed.
    std::vector<std::string> resume(const Description& description, Trainer& trainer);

    // Saves the weights, the resume state and run.json in such a way that the folder holds either
    // the old state or the new one at every moment (nn/run/run_files.h). The weights are written
    // only if there has been a step since the last save. log: the checksum of log.csv, if there is
    // one. Throws FileError, or NotFiniteError rather than save such weights.
    void save(const RunState& state, const Checksum* log = nullptr);
    // The next save that succeeds writes the weights of this moment to best.safetensors. Until then
    // there is a copy of them in memory.
    void keep_best();

    // The step of the last whole save; -1: there is none.
    Index saved_step() const { return saved_step_; }

 private:
    std::string fresh(const char* name);
    void complete();
    void drop_new(const std::string& name) const;
    void require_finite(Index step) const;

    std::string folder_;
    const std::vector<NamedParameter>& parameters_;
    const Trainer& trainer_;
    std::vector<ConfigSection> sections_;
    std::function<void(nlohmann::json&)> more_;
    std::unique_ptr<FileLock> lock_;
    FileRecords files_;               // as in run.json
    std::vector<std::string> fresh_;  // those that do not have their usual names yet
    Index saved_step_ = -1;
    bool weights_saved_ = false;     // those of saved_step_ are in the files, with checksums
    std::vector<NamedTensor> best_;  // to be written to best.safetensors
};

}  // namespace gradus
