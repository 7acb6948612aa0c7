// SPDX-License-Identifier: MIT
// A training run on disk. A run's folder holds
//     model.safetensors    the weights, all that using the model needs
//     resume.safetensors   weights and optimiser state of one step together, all that going on
//                          needs
//     run.json             what the run is (configuration) and how far it came (result)
//     best.safetensors     the weights at the lowest validation loss, where that was asked for
// and what only decorates: log.csv, report.html, inside.json. Each file is replaced as a whole
// (nn/files/atomic_file.h), run.json last, so that a folder that has one has the others too.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nn/config.h"
#include "nn/run/snapshots.h"
#include "nn/train/trainer.h"

namespace gradus {

// How far a run came.
struct RunResult {
    Index steps = 0;       // done
    double val = 0;        // last validation loss
    double accuracy = -1;  // of the last evaluation; negative: not measured
    double best_val = -1;  // lowest validation loss and its step; negative: not known
    Index best_step = 0;
    double floor = -1;   // entropy of the data, nats per token; negative: not known
    double seconds = 0;  // of training
    std::vector<Snapshot> snapshots = {};  // oldest first; their pictures are in inside.json

    void fields(auto&& visit) {
        visit("steps", steps, About{});
        visit("val", val, About{.nullable = true});
        visit("accuracy", accuracy, About{.optional = true, .nullable = true});
        visit("best_val", best_val, About{.optional = true, .nullable = true});
        visit("best_step", best_step, About{.optional = true});
        visit("floor", floor, About{.optional = true});
        visit("seconds", seconds, About{});
    }
};

// run.json: sections of fields, the result, and whatever `more` adds.
void save_description(const std::string& folder, const std::vector<ConfigSection>& sections,
                      const RunResult& result,
                      const std::function<void(nlohmann::json&)>& more = {});

// run.json read. Everything throws FileError, naming file and field, for what is missing, unknown,
// of another type or damaged.
class Description {
 public:
    explicit Description(const std::string& folder);

    // Fills the fields of all sections and the result. `others`: names at the top level that the
    // caller reads from whole().
    void read(const std::vector<ConfigSection>& sections, RunResult& result,
              const std::vector<std::string>& others = {}) const;
    void read(RunResult& result) const;  // of a run of any model
    // Throws unless a run asked for again is this one, naming each field that differs and is not
    // resumable: "lr is 0.001 there and 0.002 here".
    void require_same(const std::vector<ConfigSection>& here) const;

    const nlohmann::json& whole() const { return *json_; }
    // Runs f; what it throws about a value becomes a FileError on this file.
    void checked(const std::function<void()>& f) const;

 private:
    std::string path_;
    std::shared_ptr<const nlohmann::json> json_;
};

// Throws std::invalid_argument, naming the field, for a value of another type.
void set_field(const Field& field, const nlohmann::json& value);

// A file of that name in the folder, and whether there is a run in it.
std::string in_folder(const std::string& folder, const std::string& name);
bool holds_run(const std::string& folder);

// "runs/tales-quick", or "runs/tales-quick-2", ... if that is taken.
std::string fresh_folder(const std::string& wanted);

// Creates it, with the folders above. Throws FileError.
void make_folder(const std::string& folder);

// Everything the trainer needs to go on as if it had never stopped.
void save_resume(const std::string& folder, const Trainer& trainer);
void load_resume(const std::string& folder, Trainer& trainer);

}  // namespace gradus
