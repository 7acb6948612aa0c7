// SPDX-License-Identifier: MIT
// The presets behind --preset, and how their runs go.
#pragma once

#include <string>
#include <vector>

#include "examples/gpt/data.h"
#include "nn/models/gpt.h"
#include "nn/run/run_folder.h"
#include "nn/train/health.h"
#include "nn/train/trainer.h"

namespace gradus {

// A moment of a run, and between which ends the smoothed training loss of normal runs then lies,
// as a part of the way from the floor, 0, to knowing nothing, 1. So the ends say the same of data
// that is cheap and of data that is dear. The floor is the data's entropy where that is known, of
// a file the loss of counting pairs: a good model gets below that, and its parts are negative.
struct Checkpoint {
    double done;  // part of the steps
    double low, high;
};

struct Reference {
    std::string data;  // the name of a text source; empty: any file
    std::vector<Checkpoint> milestones;
};

// A model and how to train it, under one name.
struct Preset {
    std::string name, about;
    GptConfig model;  // vocabulary comes from the data; context 0 means: as long as the data's
                      // longest story
    Index batch;
    TrainerOptions training;
    std::vector<Reference> references;
};

const std::vector<Preset>& presets();
const Preset& preset(
    const std::string& name);  // throws std::invalid_argument, with the known names

// The run that a preset is on this data, with seed 1. `name` is what TrainingData was made of.
RunInfo preset_run(const Preset& preset, const std::string& name, const TrainingData& data);

// The corridor of a run (nn/train/health.h). Empty unless all but the seed is the preset's and it
// has a reference for such data. floor: of the data, or of a file the loss of counting pairs.
std::vector<BandPoint> reference_band(const RunInfo& run, const TrainingData& data, double floor);

}  // namespace gradus
