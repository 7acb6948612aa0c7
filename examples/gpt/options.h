// SPDX-License-Identifier: MIT
// The command line of the program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/generate/sampler.h"
#include "tensor/real.h"

namespace gradus {

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
