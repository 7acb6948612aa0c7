// SPDX-License-Identifier: MIT
#include "nn/run/presets.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "nn/text/near_names.h"

namespace gradus {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();
constexpr double kShortest =
    0.5;  // nats from the uniform baseline to the floor; noise is below 0.05

// Text may be as easy as one repeated word, so no loss counts as too low. It cannot be harder than
// its bigrams, and those are learnt within a tenth of a run.
Reference any_file() {
    constexpr double kFar = 0.25;
    return {"", {{0.1, -kAny, kFar}, {0.25, -kAny, kFar}, {0.5, -kAny, kFar}, {1, -kAny, kFar}}};
}

// From the runs with seeds 1, 2 and 3, by the test "reference band: recorded runs raise no
// alarm" (tests/nn/run/presets_test.cpp). On tales-zh, seeds 2 and 3 learn to count, and 195 and 199
// of 200 stories keep every rule, while seed 1 gets to 148. Both outcomes are normal, so its band is
// wide.
std::vector<Reference> quick_references() {
    return {{"tales",
             {{0.02, 0.512, 0.955},
              {0.05, 0.213, 0.401},
              {0.1, 0.044, 0.090},
              {0.25, 0.003, 0.016},
              {0.5, 0.000, 0.007},
              {1, -0.003, 0.003}}},
            {"tales-zh",
             {{0.02, 0.403, 0.753},
              {0.05, 0.103, 0.193},
              {0.1, 0.019, 0.036},
              {0.25, -0.009, 0.029},
              {0.5, -0.006, 0.011},
              {1, -0.006, 0.008}}},
            {"idioms",
             {{0.02, 0.547, 1.017},
              {0.05, 0.183, 0.352},
              {0.1, 0.016, 0.030},
              {0.25, 0.002, 0.008},
              {0.5, -0.001, 0.005},
              {1, -0.003, 0.003}}},
            any_file()};
}

std::vector<Reference> cpu_references() {
    return {{"tales",
             {{0.02, 0.517, 0.975},
              {0.05, 0.266, 0.500},
              {0.1, 0.128, 0.239},
              {0.25, 0.028, 0.083},
              {0.5, -0.005, 0.027},
              {1, -0.002, 0.004}}},
            any_file()};
}

}  // namespace

const std::vector<Preset>& presets() {
    static const std::vector<Preset> list = {
        {.name = "quick",
         .about = "3 layers, 96 wide: a good storyteller in a minute or two on two cores",
         .model = {.layers = 3, .heads = 3, .width = 96, .context = 128},
         .batch = 16,
         // Found among some fifty recipes: bench/README.md, "Time to a good model".
         .training = {.steps = 1200,
                      .warmup = 50,
                      .lr = 1e-2,
                      .min_lr = 0,
                      .adamw = {.beta2 = Real(0.99), .decay = Real(0.01)},
                      .optimiser = "muon",
                      .momentum = 0.9},
         .references = quick_references()},
        {.name = "loops",
         .about =
             "2 layers, 48 wide: small enough for products in plain loops (--mine --my-matmul)",
         .model = {.layers = 2, .heads = 4, .width = 48, .context = 128},
         .batch = 16,
         .training = {.steps = 2000,
                      .warmup = 50,
                      .lr = 4e-3,
                      .min_lr = 0,
                      .adamw = {.beta2 = Real(0.99), .decay = Real(0.01)}},
         .references = {}},
        {.name = "micro",
         .about = "1 layer, 16 wide, one document a step: the GPT of 200 lines of Python, in "
                  "seconds (--data names or sums)",
         .model = {.layers = 1, .heads = 4, .width = 16, .context = 16},
         .batch = 1,
         .training = {.steps = 1000,
                      .warmup = 10,
                      .lr = 1e-2,
                      .min_lr = 0,
                      .adamw = {.beta1 = Real(0.85), .beta2 = Real(0.99), .decay = 0}},
         .references = {}},
        {.name = "cpu",
         .about = "nanoGPT's settings for a laptop: 4 layers, 128 wide, 2000 steps",
         .model = {.layers = 4, .heads = 4, .width = 128, .context = 64, .bias = Bias::no},
         .batch = 12,
         .training = {.steps = 2000, .warmup = 100, .lr = 1e-3, .min_lr = 1e-4},
         .references = cpu_references()},
        {.name = "char",
         .about = "nanoGPT's shakespeare-char: 6 layers, 384 wide, 5000 steps (hours on two cores)",
         .model = {.layers = 6,
                   .heads = 6,
                   .width = 384,
                   .context = 256,
                   .dropout = Real(0.2),
                   .bias = Bias::no},
         .batch = 64,
         .training = {.steps = 5000, .warmup = 100, .lr = 1e-3, .min_lr = 1e-4},
         // A step takes more than 10 s on one core, the first hundredth of a run a quarter of
         // an hour: nobody has done three such runs yet.
         .references = {}},
        {.name = "finetune",
         .about = "200 steps at a low rate on windows of 128 tokens (with --init)",
         .model = {},
         .batch = 4,
         .training = {.steps = 200, .warmup = 20, .lr = 1e-4, .min_lr = 1e-5},
         .references = {},
         .window = 128,
         .for_trained = true},
    };
    return list;
}

const Preset& preset(const std::string& name) {
    std::vector<std::string> known;
    for (const auto& p : presets()) {
        if (p.name == name) return p;
        known.push_back(p.name);
    }
    const auto near = near_names(name, known, 1);
    throw std::invalid_argument(
        fmt::format("--preset {} is not known; the presets are {}{}", name, fmt::join(known, ", "),
                    near.empty() ? "" : " (did you mean " + near[0] + "?)"));
}

TextRun preset_run(const Preset& preset, const std::string& name, const TextData& data) {
    TextRun run;
    GptConfig model = preset.model;
    run.training = preset.training;
    run.batch = preset.batch;
    if (data.longest()) {
        model.context = data.longest();
        // Story lengths differ between sources: take as many as make up the preset's number of
        // characters.
        run.batch = std::max<Index>(1, preset.batch * preset.model.context / data.longest());
    }
    model.vocabulary = data.tokenizer().size();
    run.model = model;
    run.tokenizer = data.tokenizer();
    run.data = data.source() ? name : std::filesystem::absolute(name).string();
    run.preset = preset.name;
    run.prompt = data.prompt();
    run.stop = data.source() ? "\n" : "";
    return run;
}

TextRun fine_tuning_run(const Preset& preset, const std::string& name, const TextData& data,
                        const TextConfig& model, const std::string& init) {
    TextRun run = preset_run(preset, name, data);
    run.model = model;
    run.init = init;
    const Index V = vocabulary_of(model), context = context_of(model);
    require(data.tokenizer().size() <= V,
            "gpt: the tokenizer has {} tokens, the model of --init {} only {}",
            data.tokenizer().size(), init, V);
    require(data.longest() <= context,
            "gpt: a document of {} may have {} tokens, more than the context of --init {}, {}",
            name, data.longest(), init, context);
    run.window = data.source() ? 0 : std::min(preset.window, context);
    if (!data.source()) return run;
    // Documents are laid out, and their end is found, by that token.
    const std::vector<int> end = data.tokenizer().encode(run.stop),
                           document = data.tokenizer().encode(data.source()->document(1, 0));
    require(
        end.size() == 1 && document.back() == end[0],
        "gpt: the tokenizer of --init {} has no token of its own for the line break that ends a "
        "document of {} (write the documents to a file: --data FILE)",
        init, name);
    return run;
}

std::vector<BandPoint> reference_band(const TextRun& run, const TextData& data, double floor) {
    const auto chosen = std::find_if(presets().begin(), presets().end(),
                                     [&](const Preset& p) { return p.name == run.preset; });
    if (chosen == presets().end()) return {};  // a run resumed from another version
    TextRun usual = preset_run(*chosen, run.data, data);
    usual.training.seed = run.training.seed;
    const double way = data.uniform_baseline() - floor;
    if (!(run.init.empty() && run.model == usual.model && run.training == usual.training &&
          run.batch == usual.batch && run.tokenizer.kind() == Tokenizer::Kind::characters &&
          way > kShortest))
        return {};
    std::vector<BandPoint> list;
    for (const Reference& reference : chosen->references) {
        if (reference.data != (data.source() ? run.data : "")) continue;
        for (const RelativePoint& at : reference.points)
            list.push_back({std::lround(at.done * static_cast<double>(run.training.steps)),
                            floor + at.low * way, floor + at.high * way});
    }
    return list;
}

}  // namespace gradus
