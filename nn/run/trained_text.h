// SPDX-License-Identifier: MIT
// A trained language model and what is needed to use it, wherever it comes from: the folder of a run,
// or what other software has published (nn/models/pretrained.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/models/pretrained.h"
#include "nn/run/text_run.h"

namespace gradus {

struct TrainedText {
    std::string path, origin;  // origin: "a run of this program", "gpt2 in safetensors"
    TextModel model;
    std::optional<Tokenizer> tokenizer =
        {};                              // none if there is no tokenizer beside a published model
    std::vector<int> begin = {};         // the tokens before a fresh text: BOS, or none
    std::vector<int> stop = {};          // the tokens that end a text: EOS, or none
    std::string name = "", prompt = "";  // of a run: its model's name, and a good opening
    std::optional<TextRun> run = {};     // if it is one

    // Throws FileError if there is none.
    const Tokenizer& words() const;
    // The tokens of a text as the model should read it, `begin` first. Never empty.
    std::vector<int> opening(const std::vector<int>& ids) const;
};

// A run's own model.
TrainedText trained_text(const std::string& folder, const TextRun& run, TextModel model);

// Throws FileError, naming the file and the broken rule, if anything is missing, damaged or
// inconsistent. A run's weights are always floats in memory.
TrainedText load_trained(const std::string& path, WeightUse use = WeightUse::mapped);

}  // namespace gradus
