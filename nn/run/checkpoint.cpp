// SPDX-License-Identifier: MIT
#include "nn/run/checkpoint.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "nn/files/atomic_file.h"
#include "nn/files/weights/weights.h"
#include "nn/progress.h"

namespace gradus {
namespace {

constexpr const char *kModel = "model.safetensors", *kResume = "resume.safetensors",
                     *kBest = "best.safetensors", *kLog = "log.csv";
// Of the time that a save takes: AdamW keeps two numbers for each weight.
constexpr double kWeights = 1.0 / 3;

double known(double value) {
    return std::isfinite(value) ? value : -1;
}

}  // namespace

RunResult result_of(const RunState& s) {
    return {.steps = s.step,
            .finished = s.finished,
            .val = s.val,
            .accuracy = known(s.accuracy),
            .best_val = known(s.best_val),
            .best_step = s.best_step,
            .floor = s.facts.floor,
            .bits_per_byte = known(s.bits_per_byte),
            .floor_bits_per_byte = s.facts.floor_bits_per_byte,
            .seconds = s.elapsed,
            .snapshots = s.snapshots};
}

void restore(const RunResult& result, Index step, RunState& s) {
    s.step = step;
    s.val = result.val;
    if (result.accuracy >= 0) s.accuracy = result.accuracy;
    if (result.bits_per_byte >= 0) s.bits_per_byte = result.bits_per_byte;
    s.elapsed = result.seconds;
    if (result.best_val >= 0) s.best_val = result.best_val, s.best_step = result.best_step;
    s.snapshots = result.snapshots;
}

void Checkpoint::open() {
    make_folder(folder_);
    lock_ = lock_folder(folder_);
}

std::vector<std::string> Checkpoint::resume(const Description& description, Trainer& trainer) {
    files_ = description.files();
    // Each file is read once for its checksum, which may take seconds.
    const auto note = [&](const char* name, const std::string& path) {
        if (path == new_in_folder(folder_, name)) fresh_.emplace_back(name);
    };
    const std::string state = saved_copy(folder_, kResume, files_);
    load_resume(state, trainer);
    note(kResume, state);
    // Without checksums, in a folder of an older version, all is written anew.
    weights_saved_ = files_.contains(kModel) && files_.contains(kResume);
    saved_step_ = trainer.steps_done();
    std::vector<std::string> lines;
    for (const char* name : {kModel, kBest}) {
        try {
            note(name, saved_copy(folder_, name, files_));
        } catch (const FileError& error) {
            const std::string path = in_folder(folder_, name);
            std::string line = error.what();
            if (std::filesystem::exists(path)) line += "; set aside as " + set_aside(path);
            line += name == kModel ? "; written again" : "; continuing without it";
            lines.push_back(line);
            files_.erase(name);
            weights_saved_ = weights_saved_ && name != kModel;
        }
    }
    complete();
    for (const char* name : {kModel, kResume, kBest}) drop_new(name);
    return lines;
}

void Checkpoint::keep_best() {
    best_.clear();
    for (const auto& p : parameters_) best_.push_back({p.name, p.variable.value().clone()});
}

// Where to write one of the files under its new name.
std::string Checkpoint::fresh(const char* name) {
    fresh_.emplace_back(name);
    return new_in_folder(folder_, name);
}

// Gives the new files, which are those of the saved state, their usual names.
void Checkpoint::complete() {
    for (; !fresh_.empty(); fresh_.pop_back())
        replace_file(new_in_folder(folder_, fresh_.back()), in_folder(folder_, fresh_.back()));
}

void Checkpoint::save(const RunState& s, const Checksum* log) {
    complete();  // what the last save could not rename may be the only whole state
    FileRecords files = files_;
    try {
        if (!weights_saved_ || s.step != saved_step_) {
            require_finite(s.step);
            {
                const Progress first(0, kWeights);
                files[kModel] = save_weights(fresh(kModel), parameters_);
            }
            const Progress then(kWeights, 1);
            files[kResume] = save_resume(fresh(kResume), trainer_);
        }
        if (!best_.empty()) files[kBest] = save_safetensors(fresh(kBest), best_);
        files.erase(kLog);
        if (log) files[kLog] = *log;
        save_description(folder_, sections_, result_of(s), more_, files);
    } catch (...) {  // not saved: run.json still names the old files
        for (; !fresh_.empty(); fresh_.pop_back()) drop_new(fresh_.back());
        throw;
    }
    files_ = std::move(files);
    saved_step_ = s.step;
    weights_saved_ = true;
    best_.clear();
    complete();
}

void Checkpoint::require_finite(Index step) const {
    const std::string name = not_finite(parameters_);
    if (!name.empty())
        throw NotFiniteError(fmt::format(
            "step {}: parameter {} is not finite, and not saved; the checkpoint of step {} is "
            "kept (a learning rate of {:.3g} may be too high)",
            step, name, saved_step_, trainer_.options().lr));
}

void Checkpoint::drop_new(const std::string& name) const {
    std::error_code ignored;
    std::filesystem::remove(new_in_folder(folder_, name), ignored);
}

}  // namespace gradus
