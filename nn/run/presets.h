// SPDX-License-Identifier: MIT
// The presets that --preset names, and reference bands for their runs.
#pragma once

#include <string>
#include <vector>

#include "nn/data/text_data.h"
#include "nn/models/gpt.h"
#include "nn/run/text_run.h"
#include "nn/train/health.h"
#include "nn/train/trainer.h"

namespace gradus {

// A point on a reference band: the range in which the smoothed training loss of normal runs lies at
// this step, on a scale from 0 (the floor) to 1 (the uniform baseline), which makes easy and hard
// data comparable. The floor is the entropy of the data if that is known; for a file, it is the
// bigram baseline, below which the loss of a good model falls, to negative values.
struct RelativePoint {
    double done;  // fraction of the steps
    double low, high;
};

struct Reference {
    std::string data;  // the name of a text source; empty: any file
    std::vector<RelativePoint> points;
};

// A model and how to train it, under one name.
struct Preset {
    std::string name, about;
    // The vocabulary and, for stories, the context (the longest story's length) come from the data.
    GptConfig model;
    Index batch;
    TrainerOptions training;
    std::vector<Reference> references;
    Index window = 0;          // of running text; 0: the model's context
    bool for_trained = false;  // for --init, which brings the model
};

const std::vector<Preset>& presets();
// Throws std::invalid_argument, listing the known names, for any other name.
const Preset& preset(const std::string& name);

// A preset's run on this data, with seed 1. `name` is the name that `data` was constructed with.
TextRun preset_run(const Preset& preset, const std::string& name, const TextData& data);
// The same for a model that is trained already; init: where it came from. Throws std::invalid_argument
// if it cannot read the data's tokens or documents.
TextRun fine_tuning_run(const Preset& preset, const std::string& name, const TextData& data,
                        const TextConfig& model, const std::string& init);

// The reference band of a run (nn/train/health.h). Empty unless everything but the seed matches
// the preset and the preset has a reference for such data. floor: the entropy of the data or, for a
// file, the bigram baseline.
std::vector<BandPoint> reference_band(const TextRun& run, const TextData& data, double floor);

}  // namespace gradus
