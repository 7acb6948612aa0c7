// SPDX-License-Identifier: MIT
// One whole training step as ./gradus gpt does it: data, forward, backward, clipping, update.
// FLOPs are counted by GptConfig::flops_per_token.
#include <benchmark/benchmark.h>

#include "autograd/cross_entropy.h"
#include "bench/benches.h"
#include "nn/data/batch.h"
#include "nn/data/text_source.h"
#include "nn/models/gpt.h"
#include "nn/train/trainer.h"

namespace gradus {
namespace {

void run(benchmark::State& state, const GptConfig& config, const std::string& optimiser,
         const std::function<Batch(Index step)>& data) {
    Gpt model(config, 1);
    Index tokens = 0;
    Trainer trainer(named_parameters(model), {.steps = 1 << 30, .optimiser = optimiser},
                    [&](Index step, Index) {
                        const Batch batch = data(step);
                        tokens += batch.inputs.count();
                        return cross_entropy(model(batch.inputs), batch.targets);
                    });
    trainer.step();  // the first step allocates its memory
    tokens = 0;
    for (auto _ : state) trainer.step();
    const auto count = static_cast<double>(tokens);
    state.counters["tokens/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
    state.counters["FLOP/s"] =
        benchmark::Counter(count * config.flops_per_token(), benchmark::Counter::kIsRate);
}

// The preset quick: whole stories, generated as they are needed.
void step_quick(benchmark::State& state, const std::string& optimiser) {
    constexpr Index kStories = 16;
    const auto tales = text_source("tales");
    std::string alphabet;
    for (const auto& character : tales->alphabet()) alphabet += character;
    const Tokenizer vocabulary = Tokenizer::characters(alphabet);
    const GptConfig config{.layers = 3,
                           .heads = 3,
                           .width = 96,
                           .context = tales->max_length(),
                           .vocabulary = vocabulary.size()};
    run(state, config, optimiser, [&](Index step) {
        std::vector<std::vector<int>> stories;
        for (Index i = step * kStories; i < (step + 1) * kStories; ++i)
            stories.push_back(vocabulary.encode(tales->document(1, static_cast<std::uint64_t>(i))));
        return document_batch(stories, vocabulary.encode("\n")[0], config.context);
    });
}

// The preset cpu: windows of a long text with 65 different characters, like tiny Shakespeare.
void step_cpu(benchmark::State& state) {
    const GptConfig config{
        .layers = 4, .heads = 4, .width = 128, .context = 64, .vocabulary = 65, .bias = Bias::no};
    Random random(1);
    std::vector<int> text(100000);
    for (int& id : text) id = static_cast<int>(random.below(65));
    run(state, config, "adamw",
        [&](Index) { return random_windows(text, 12, config.context, random); });
}

}  // namespace

void add_step_benches() {
    const auto add = [](const char* name, auto step) {
        benchmark::RegisterBenchmark(name, step)->UseRealTime()->Unit(benchmark::kMillisecond);
    };
    add("step/quick", [](benchmark::State& state) { step_quick(state, "muon"); });
    add("step/quick_adamw", [](benchmark::State& state) { step_quick(state, "adamw"); });
    add("step/cpu", step_cpu);
}

}  // namespace gradus
