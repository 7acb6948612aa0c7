// SPDX-License-Identifier: MIT
// The command line of the program, and the presets behind --preset.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/gpt.h"
#include "nn/text/sampler.h"
#include "nn/trainer.h"

namespace gradus {

// A model and how to train it, under one name.
struct Preset {
    std::string name, about;
    GptConfig model;  // vocabulary comes from the data; context 0 means: as long as the data's
                      // longest story
    Index batch;
    TrainerOptions training;
};

const std::vector<Preset>& presets();
const Preset& preset(
    const std::string& name);  // throws std::invalid_argument, with the known names

struct GptOptions {
    std::string data = "tales", preset = "quick", out, resume;
    std::optional<Index> steps, layers, heads, width, context, batch, accumulate;
    std::optional<double> lr, dropout;
    std::optional<std::uint64_t> seed;
    int threads = 0;  // 0: all processors
    bool plain = false, ascii = false, no_chat = false, bytes = false, bf16 = false;
};

struct TextOptions {  // of chat, sample and look
    std::string folder, prompt, html;
    std::optional<Index> tokens;
    SamplerOptions sampler;
    std::uint64_t seed = 1;
    int threads = 0;
    bool int8 = false, ascii = false;
};

// What the user asked for.
struct Command {
    enum class Kind { gpt, chat, sample, look, help } kind = Kind::help;
    GptOptions gpt;
    TextOptions text;
    std::string help;  // for Kind::help: what to print
};

// Throws std::invalid_argument with one line for anything that is not understood; an unknown flag
// is answered with the nearest known one.
Command parse_command(int argc, char** argv);

}  // namespace gradus
