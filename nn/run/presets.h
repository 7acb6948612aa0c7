// SPDX-License-Identifier: MIT
// The presets behind --preset, and how their runs should go.
#pragma once

#include <string>
#include <vector>

#include "nn/data/text_data.h"
#include "nn/models/gpt.h"
#include "nn/run/text_run.h"
#include "nn/train/health.h"
#include "nn/train/trainer.h"

namespace gradus {

// A point of a reference band: the range of the smoothed training loss of normal runs at that step,
// on a scale from 0 (the floor) to 1 (the uniform baseline), so that it means the same for easy and
// for hard data. The floor is the entropy of the data if that is known, and for a file the bigram
// baseline: a good model gets below that, to negative values.
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
    // The data sets the vocabulary and, for stories, the context: the length of the longest.
    GptConfig model;
    Index batch;
    TrainerOptions training;
    std::vector<Reference> references;
};

const std::vector<Preset>& presets();
// Throws std::invalid_argument, with the known names.
const Preset& preset(const std::string& name);

// A preset's run on this data, with seed 1. `name` is what TextData was made from.
TextRun preset_run(const Preset& preset, const std::string& name, const TextData& data);

// The reference band of a run (nn/train/health.h). Empty unless everything but the seed is as in
// the preset and the preset has a reference for such data. floor: the entropy of the data or, for a
// file, the bigram baseline.
std::vector<BandPoint> reference_band(const TextRun& run, const TextData& data, double floor);

}  // namespace gradus
