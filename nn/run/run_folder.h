// SPDX-License-Identifier: MIT
// A training run on disk. A run's folder holds
//     run.json             how the model was made: sizes, vocabulary, data, options, results
//     model.safetensors    the weights, all that chatting needs
//     resume.safetensors   weights and optimiser state of one step together, all that going on
//     needs
// Each file is replaced as a whole (nn/files/atomic_file.h), so an interrupted save leaves the
// previous one.
#pragma once

#include <string>
#include <vector>

#include "nn/models/gpt.h"
#include "nn/text/tokenizer.h"
#include "nn/train/trainer.h"

namespace gradus {

// What the model wrote at one moment of its training.
struct RunSample {
    Index step = 0;
    double val = 0;  // validation loss, nats per token
    std::string text;
};

struct RunInfo {
    GptConfig model;
    Tokenizer vocabulary;
    std::string data = "tales";  // the name of a text source, or the path of a file
    std::string preset = "quick";
    std::string prompt;  // a good beginning for samples
    std::string stop;    // the character that ends a document; empty for running text
    TrainerOptions training;
    Index batch = 16;
    Index steps_done = 0;
    double val = 0;     // last validation loss, nats per token
    double floor = -1;  // the least possible loss, nats per token; negative if not known
    double seconds = 0;
    std::vector<RunSample> samples;  // oldest first
};

// A document begins behind the sign that ends the one before: puts it in front of `ids`. Running
// text has no such sign, and stays as it is.
void prepend_bos(const RunInfo& info, std::vector<int>& ids);

// Writes run.json and model.safetensors. Creates the folder. Throws FileError, with the old files
// as they were.
void save_run(const std::string& folder, const RunInfo& info, Gpt& model);
// Throws FileError, naming file and rule, if anything is missing, damaged or does not fit together.
RunInfo load_run_info(const std::string& folder);
Gpt load_run_model(const std::string& folder, const RunInfo& info);

// Everything the trainer needs to go on as if it had never stopped.
void save_resume(const std::string& folder, const Trainer& trainer);
void load_resume(const std::string& folder, Trainer& trainer);

}  // namespace gradus
