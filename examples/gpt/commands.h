// SPDX-License-Identifier: MIT
// What the files of this program share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nn/all.h"

namespace gradus {

// What another program with these commands puts in place of the library's own parts, or does before
// and after training: ./gradus gpt --mine runs on the parts that a learner wrote (lessons/mine/).
struct Hooks {
    std::function<void()> understood;  // the command line, before anything is done
    // The parts for a model, which may come to share its parameters with them; `loaded`: it has been
    // trained. Throws std::invalid_argument if they cannot do what the model's configuration asks.
    std::function<TextParts(Gpt& model, std::uint64_t seed, bool loaded)> parts;
    // A tokenizer with at most so many merges for this data.
    std::function<Tokenizer(const std::string& data, int merges)> tokenizer;
    std::function<std::vector<int>(const Tokenizer& tokenizer, const std::string& text)> encode;
    std::function<void(const TextRun& run, TextData& data, FitOptions& options)> before_training;
    std::function<void(const TextRun& run, const std::string& folder)> after_training;
    std::function<void()> after_reply;  // in a chat
};
Hooks& hooks();

// The whole program; returns its exit code.
int gpt_program(int argc, char** argv);

// The commands. Each function adds a command with its flags; if the user chose that command,
// `action` is set to the function that carries it out and returns the exit code.
using Action = std::function<int()>;
void add_gpt(CLI::App& app, Action& action);
void add_chat(CLI::App& app, Action& action);
void add_sample(CLI::App& app, Action& action);
void add_look(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_logits(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);

struct TextOptions {  // for chat and sample
    std::string folder, prompt;
    std::optional<Index> tokens;
    SamplerOptions sampler;
    std::uint64_t seed = 1;
    int threads = 0;  // 0: one per hardware thread
    bool int8 = false;
    CacheFormat kv_cache = CacheFormat::f32;
};

// Flags shared by several commands.
void add_folder(CLI::App& app, std::string& folder);
void add_threads(CLI::App& app, int& threads);
// Starts `wanted` threads (0: one per processor). If the system refuses some, says so on stderr.
void start_threads(int wanted);
// The ids in "464 3290", with spaces, commas or brackets between them. Throws std::invalid_argument,
// beginning with `what`, for one that is not from 0 to V - 1.
std::vector<int> ids_in(std::string_view text, Index V, const char* what);
void add_seed(CLI::App& app, std::uint64_t& seed);
void add_text_flags(CLI::App& app, TextOptions& options);

// Adds a flag for every field of a run's configuration; the values given are stored in `said`, by
// field name.
void add_field_flags(CLI::App& app, std::map<std::string, nlohmann::json>& said);

std::string about_presets();  // one line each

// Validators for CLI11, which would say "Could not convert", and read -1 as 2^64 - 1. They return an
// error message, or an empty string if the value is fine.
std::string whole_number(const std::string& value);
std::string not_negative(const std::string& value);  // a whole number
std::string number(const std::string& value);

// load_trained(), with a warning if not all weights are finite: those of a run with checksums are, but
// the file may come from elsewhere. Matrices that stay in their file are not looked at.
TrainedText load_model(const std::string& path, WeightUse use);

// A trained model, ready to write text.
struct Writer {
    TrainedText trained;
    TextParts parts;
    TextOptions options;

    Writer(TrainedText t, const TextParts& p, const TextOptions& o)
        : trained(std::move(t)), parts(p), options(o) {}
    // Loads the model. With --int8, also quantises it; what that and --kv-cache cost goes to `cost`.
    Writer(const TextOptions& options, std::string& cost);
    // Prints `ids`, the prompt, to stdout, then the new tokens that continue them; stops when
    // interrupted(). Whether the text ended a line. wraps: lines are broken between words.
    bool write(const std::vector<int>& ids, Random& random, bool wraps) const;
};

// Runs the conversation, with a model that is already loaded, and returns the exit code.
int chat(const Writer& writer);

}  // namespace gradus
