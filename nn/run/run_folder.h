// SPDX-License-Identifier: MIT
// A training run on disk. A run's folder holds
//     model.safetensors    the weights: enough to use the model
//     resume.safetensors   the weights and optimiser state after the same step: enough to resume
//     run.json             the configuration, the result so far, and the checksums of the others
//     best.safetensors     the weights at the lowest validation loss, if requested
// and some extras: log.csv, report.html, inside.json; while a process writes to it, also run.lock.
// Every file except log.csv is replaced as a whole (nn/files/atomic_file.h); nn/run/run_files.h
// tells how the first four stay consistent, whatever happens during a save.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nn/config.h"
#include "nn/run/run_files.h"
#include "nn/run/snapshots.h"
#include "nn/train/trainer.h"

namespace gradus {

// The outcome of a run so far.
struct RunResult {
    Index steps = 0;        // steps done
    bool finished = false;  // with the last evaluation
    double val = 0;         // last validation loss
    double accuracy = -1;   // at the last evaluation; negative: not measured
    double best_val = -1;   // lowest validation loss and its step; negative: not known
    Index best_step = 0;
    double floor = -1;                // entropy of the data, nats per token; negative: not known
    double bits_per_byte = -1;        // the last validation loss of a text, in another unit
    double floor_bits_per_byte = -1;  // the floor in that unit; negative: not known
    double seconds = 0;               // training time
    std::vector<Snapshot> snapshots = {};  // oldest first; their pictures are in inside.json

    void fields(auto&& visit) {
        visit("steps", steps, About{});
        visit("finished", finished, About{.optional = true});
        visit("val", val, About{.nullable = true});
        visit("accuracy", accuracy, About{.optional = true, .nullable = true});
        visit("best_val", best_val, About{.optional = true, .nullable = true});
        visit("best_step", best_step, About{.optional = true});
        visit("floor", floor, About{.optional = true});
        visit("bits_per_byte", bits_per_byte, About{.optional = true});
        visit("floor_bits_per_byte", floor_bits_per_byte, About{.optional = true});
        visit("seconds", seconds, About{});
    }
};

// Writes run.json: the fields of all sections, the result, whatever `more` adds, and the checksums
// of the other files.
void save_description(const std::string& folder, const std::vector<ConfigSection>& sections,
                      const RunResult& result,
                      const std::function<void(nlohmann::json&)>& more = {},
                      const FileRecords& files = {});

// run.json as read from disk. All functions throw FileError, naming the file and the field, if
// anything is missing, unknown, damaged or of the wrong type.
class Description {
 public:
    explicit Description(const std::string& folder);

    // Fills the fields of all sections and the result. `others`: top-level names that the caller
    // reads from whole().
    void read(const std::vector<ConfigSection>& sections, RunResult& result,
              const std::vector<std::string>& others = {}) const;
    void read(RunResult& result) const;  // only the result, whatever the model
    // Throws unless `here` describes the same run, naming each non-resumable field that differs:
    // "lr is 0.001 there and 0.002 here".
    void require_same(const std::vector<ConfigSection>& here) const;

    const nlohmann::json& whole() const { return *json_; }
    // The checksums of the other files; none in a folder of an older version.
    const FileRecords& files() const { return files_; }
    // Runs f and turns any error it throws about a value into a FileError naming this file.
    void checked(const std::function<void()>& f) const;

 private:
    std::string path_;
    std::shared_ptr<const nlohmann::json> json_;
    FileRecords files_;
};

// Sets the field. Throws std::invalid_argument, naming it, if the value is of the wrong type.
void set_field(const Field& field, const nlohmann::json& value);

// A file with everything the trainer needs to continue as if it had never stopped. Loading throws
// FileError if anything is missing, is of another shape, or is not finite.
Checksum save_resume(const std::string& path, const Trainer& trainer);
void load_resume(const std::string& path, Trainer& trainer);

}  // namespace gradus
