// SPDX-License-Identifier: MIT
#include "lessons/mine/short_run.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "autograd/cross_entropy.h"
#include "lessons/15-tokens/yours.h"
#include "lessons/21-gpt/yours.h"
#include "lessons/22-training/yours.h"
#include "lessons/check/registry.h"
#include "lessons/mine/reading.h"
#include "nn/data/batch.h"
#include "nn/data/text_source.h"
#include "nn/models/gpt.h"
#include "nn/tokenizers/tokenizer.h"
#include "nn/train/optimiser.h"
#include "nn/train/schedule.h"
#include "tensor/elementwise.h"

namespace gradus::lessons {
namespace {

constexpr Index kSteps = 12, kStories = 4;

// The stories of the runs, as tokens.
class Stories {
 public:
    Stories() : source_(text_source("tales-zh")) {
        std::string text;
        for (const auto& character : source_->alphabet()) text += character;
        tokenizer_ = Tokenizer::characters(text);
    }
    int end() const { return tokenizer_.encode("\n")[0]; }
    Sizes sizes() const { return {tokenizer_.size(), source_->max_length(), 16, 2, 2}; }
    std::vector<std::vector<int>> of(Index step) const {
        std::vector<std::vector<int>> list;
        for (Index i = 0; i < kStories; ++i)
            list.push_back(tokenizer_.encode(
                source_->document(1, static_cast<std::uint64_t>(step * kStories + i))));
        return list;
    }
    std::string text() const { return source_->document(1, 0) + source_->document(1, 1); }

 private:
    std::unique_ptr<TextSource> source_;
    Tokenizer tokenizer_;
};

// What training takes from a learner, or from the library.
struct Parts {
    AnyGpt gpt;
    std::function<Examples(const std::vector<std::vector<int>>&, int end)> batch;
    std::function<Variable(const Model&, const Examples&)> loss;
    std::function<double(Index step, const RateSchedule&)> rate;
    std::function<double(const std::vector<Variable>&, double limit)> clip;
};

Parts parts_in_use(const Sizes& sizes) {
    return {your_gpt(sizes, 1), your_story_batch, your_loss, your_learning_rate, your_clipping};
}

Parts parts_of_library(const Sizes& s) {
    const auto model = std::make_shared<Gpt>(
        GptConfig{
            .layers = s.layers, .heads = s.NH, .width = s.C, .context = s.P, .vocabulary = s.V},
        1);
    return {{[model](const Tokens& ids) { return (*model)(ids); },
             [model] { return named_parameters(*model); }},
            [](const std::vector<std::vector<int>>& stories, int end) {
                const Batch batch = document_batch(stories, end);
                return Examples{batch.inputs, batch.targets};
            },
            [](const Model& forward, const Examples& batch) {
                return cross_entropy(forward(batch.inputs), batch.targets);
            },
            [](Index step, const RateSchedule& r) {
                return WarmupCosine{r.steps, r.warmup, r.lr, r.min_lr}(step);
            },
            [](const std::vector<Variable>& variables, double limit) {
                std::vector<NamedParameter> list;
                for (const auto& variable : variables) list.push_back({"", variable});
                const double norm = gradient_norm(list);
                if (norm > limit)
                    for (const auto& variable : variables)
                        variable.grad().copy_from(
                            mul_scalar(variable.grad(), static_cast<Real>(limit / norm)));
                return norm;
            }};
}

// Trains the parts' GPT, and calls add(name, number) for what it sees.
void train(const Parts& parts, const Stories& stories, Index steps,
           const std::function<void(const std::string& name, double number)>& add) {
    const auto parameters = parts.gpt.parameters();
    std::vector<Variable> variables;
    for (const auto& p : parameters) variables.push_back(p.variable);
    AdamW optimiser(parameters, {.beta2 = Real(0.99), .decay = Real(0.1)});
    for (Index step = 0; step < steps; ++step) {
        optimiser.zero_grad();
        const Variable loss =
            parts.loss(parts.gpt.forward, parts.batch(stories.of(step), stories.end()));
        loss.backward();
        add(fmt::format("the loss of step {}", step + 1), loss.item());
        add(fmt::format("the gradient's norm in step {}", step + 1), parts.clip(variables, 1));
        optimiser.step(static_cast<Real>(parts.rate(step, {steps, 3, 0.01, 0.001})));
    }
    const NoGrad guard;
    add("the loss after training",
        parts.loss(parts.gpt.forward, parts.batch(stories.of(steps), stories.end())).item());
}

}  // namespace

std::vector<Event> short_run() {
    std::vector<Event> trace;
    const auto add = [&](const std::string& name, double number) {
        trace.push_back({name, number});
    };
    const Stories stories;
    const Sizes sizes = stories.sizes();
    const Parts parts = parts_in_use(sizes);
    train(parts, stories, kSteps, add);
    const LanguageModel reading = Reading(weights_of(parts.gpt.parameters(), sizes.NH), sizes.V);
    const std::vector<int> prompt = {stories.end(), 5, 9};
    for (const Real temperature : {Real(0), Real(0.8)}) {
        Random random(1);
        GenerateOptions how{.context = sizes.P, .tokens = 25, .stop = {stories.end()}};
        how.sampler = {temperature, temperature > 0 ? 12 : 0, temperature > 0 ? Real(0.9) : 1};
        const auto ids = write_as_learner(reading, prompt, how, random, nullptr);
        add("the number of tokens that it writes", static_cast<double>(ids.size()));
        for (const int id : ids) add("a token that it writes", id);
    }
    const Tensor scores = reading(Tokens({1, 3}, prompt)).value();
    for (Index i = 0; i < scores.count(); ++i) add("a score after three tokens", scores[i]);
    const Merges merges = your_merges(stories.text(), 8);
    for (const auto& [left, right] : merges) add("a merge", 1000.0 * left + right);
    for (const int id : your_encode(stories.text(), merges)) add("a token of a text", id);
    return trace;
}

double largest_difference(Index steps) {
    const Stories stories;
    std::vector<double> library, reference;
    train(parts_of_library(stories.sizes()), stories, steps,
          [&](const std::string&, double number) { library.push_back(number); });
    use_reference();
    train(parts_in_use(stories.sizes()), stories, steps,
          [&](const std::string&, double number) { reference.push_back(number); });
    double largest = 0;
    for (std::size_t i = 0; i < library.size(); ++i)
        largest = std::max(largest, std::abs(library[i] - reference[i]) / std::abs(library[i]));
    return largest;
}

}  // namespace gradus::lessons
