// SPDX-License-Identifier: MIT
// fit(): trains any model on any task, with everything a run should have: a progress bar with a
// loss curve and a verdict, log.csv, report.html, checkpoints, exact resume, early stopping.
//
//     Net net(1);
//     fit(net, task, {.folder = "runs/net", .training = {.steps = 500, .lr = 0.01}});
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nn/module.h"
#include "nn/run/observer.h"
#include "nn/run/run_folder.h"
#include "nn/run/task.h"
#include "nn/terminal/terminal.h"
#include "nn/train/trainer.h"

namespace gradus {

// Options of a run other than those of training.
struct RunOptions {
    Index evaluations = 10;  // per run, evenly spaced; each is followed by a checkpoint
    Index patience = 0;  // evaluations without a new lowest loss before the run stops; 0: no limit
    double save_minutes = 10;  // a checkpoint also after this long without one; 0: never
    bool keep_best = false;    // best.safetensors: the weights at the lowest validation loss

    void fields(auto&& visit) {
        visit("evaluations", evaluations,
              About{.help = "Evaluations per run, each followed by a checkpoint",
                    .resumable = true,
                    .optional = true});
        visit("patience", patience,
              About{.help = "Stop early after this many evaluations without a new lowest "
                            "validation loss; 0: never",
                    .resumable = true,
                    .optional = true});
        visit("save_minutes", save_minutes,
              About{.help = "Also save a checkpoint after this many minutes without one; 0: only "
                            "after evaluations",
                    .resumable = true,
                    .optional = true});
        visit("keep_best", keep_best,
              About{.help =
                        "Also keep the weights at the lowest validation loss, in best.safetensors",
                    .resumable = true,
                    .optional = true});
    }
};

// automatic: resumes the run in the folder, or starts a new one if there is none.
enum class Resume { automatic, yes, no };

struct FitOptions {
    std::string folder = "";  // where the run is saved; empty: nothing is saved
    TrainerOptions training = {};
    RunOptions run = {};
    Resume resume = Resume::automatic;
    // Called between micro-batches; returning true saves the state after the last whole step and
    // ends the run. For Ctrl-C, pass `interrupted` (nn/terminal/interrupt.h).
    std::function<bool()> stop = {};
    TerminalCapabilities terminal = terminal_capabilities(false, false);
    std::vector<std::shared_ptr<Observer>> observers = {};  // in addition to the built-in ones
    // Makes the optimiser, with parameter groups for instance; empty: the one that `training` names.
    std::function<std::unique_ptr<Optimiser>(const std::vector<NamedParameter>&)> optimiser = {};
    // Called once, before the first step: to set the trainer's schedule or after_backward.
    std::function<void(Trainer&)> prepare = {};
};

struct FitResult {
    bool finished = false;       // all steps done, or stopped early; false: stopped by options.stop
    bool stopped_early = false;  // out of patience
    bool was_finished = false;   // before: nothing has been done
    RunResult result;
    Health health;
};

// Throws std::invalid_argument for invalid options, FileError for a folder that holds another run,
// is in use by another process, is damaged or cannot be written to, and NotFiniteError when
// Trainer::step() does. A checkpoint that cannot be written, on a full disk for instance, ends the
// run only if it is the first or the last one; otherwise the run continues and tries again.
FitResult fit(const std::vector<NamedParameter>& parameters, const std::vector<Field>& model_config,
              const Task& task, const FitOptions& options);

// If the model has a member `config` with fields(visit), they go into run.json and the report.
template <Module M>
FitResult fit(M& model, const Task& task, const FitOptions& options = {}) {
    std::vector<Field> config;
    if constexpr (requires { fields_of(model.config); }) config = fields_of(model.config);
    return fit(named_parameters(model), config, task, options);
}

}  // namespace gradus
