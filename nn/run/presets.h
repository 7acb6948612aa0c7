// SPDX-License-Identifier: MIT
// The presets behind --preset, and how their runs go.
#pragma once

#include <string>
#include <vector>

#include "nn/data/text_data.h"
#include "nn/models/gpt.h"
#include "nn/run/text_run.h"
#include "nn/train/health.h"
#include "nn/train/trainer.h"

namespace gradus {

// A point of a reference band: between which ends the smoothed training loss of normal runs then
// lies, as a share of the way from the floor, 0, to the uniform baseline, 1. So the ends say the
// same of easy data and of hard data. The floor is the entropy of the data where that is known, of
// a file the bigram baseline: a good model gets below that, and its shares are negative.
struct RelativePoint {
    double done;  // share of the steps
    double low, high;
};

struct Reference {
    std::string data;  // the name of a text source; empty: any file
    std::vector<RelativePoint> points;
};

// A model and how to train it, under one name.
struct Preset {
    std::string name, about;
    // The vocabulary comes from the data; context 0 means: as long as its longest story.
    GptConfig model;
    Index batch;
    TrainerOptions training;
    std::vector<Reference> references;
};

const std::vector<Preset>& presets();
// Throws std::invalid_argument, with the known names.
const Preset& preset(const std::string& name);

// The run that a preset is on this data, with seed 1. `name` is what TextData was made of.
TextRun preset_run(const Preset& preset, const std::string& name, const TextData& data);

// The reference band of a run (nn/train/health.h). Empty unless all but the seed is the preset's
// and it has a reference for such data. floor: of the data, or of a file the bigram baseline.
std::vector<BandPoint> reference_band(const TextRun& run, const TextData& data, double floor);

}  // namespace gradus
