// SPDX-License-Identifier: MIT
#include "nn/run/checkpoint.h"

#include "nn/files/weights.h"

namespace gradus {
namespace {

double known(double value) {
    return std::isfinite(value) ? value : -1;
}

}  // namespace

RunResult result_of(const RunState& s) {
    return {.steps = s.step,
            .val = s.val,
            .accuracy = known(s.accuracy),
            .best_val = known(s.best_val),
            .best_step = s.best_step,
            .floor = s.facts.floor,
            .seconds = s.elapsed,
            .snapshots = s.snapshots};
}

void Checkpoint::save(const RunState& s) const {
    make_folder(folder_);
    save_weights(in_folder(folder_, "model.safetensors"), parameters_);
    save_resume(folder_, trainer_);
    save_description(folder_, sections_, result_of(s), more_);
}

void Checkpoint::save_best() const {
    save_weights(in_folder(folder_, "best.safetensors"), parameters_);
}

}  // namespace gradus
