// SPDX-License-Identifier: MIT
// The library's promise: the same seed gives the same bits, whatever the number of threads.
#include <doctest/doctest.h>

#include "autograd/cross_entropy.h"
#include "nn/generate/generate.h"
#include "nn/train/trainer.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

struct Outcome {
    std::vector<double> losses, norms;
    std::string text;
    std::vector<Tensor> parameters;
};

struct Recipe {
    int threads = 1;
    Index steps = 50;
    Real dropout = 0;
    bool samples_between = false;
};

// The first steps of a run on Chinese tales, and the text that the model generates after them. 16
// stories of 45 characters at a width of 64 make several chunks for every parallel loop.
Outcome train(const Recipe& recipe) {
    set_threads(recipe.threads);
    const Stories stories("tales-zh");
    Gpt model(stories.config(2, 4, 64, recipe.dropout), 1);
    const LanguageModel logits = [&](const Tokens& ids) { return model(ids); };
    const GenerateOptions options{.context = stories.context(), .tokens = 45};
    Trainer trainer(named_parameters(model),
                    {.steps = kSanitized ? 4
                              : kDouble  ? recipe.steps / 2
                                         : recipe.steps,
                     .warmup = 5,
                     .lr = 5e-3,
                     .seed = 3},
                    [&](Index step, Index) {
                        const Batch batch = stories.batch(step, 16);
                        return cross_entropy(model(batch.inputs), batch.targets);
                    });
    Outcome outcome;
    while (!trainer.done()) {
        const StepReport report = trainer.step();
        outcome.losses.push_back(report.loss);
        outcome.norms.push_back(report.gradient_norm);
        if (recipe.samples_between && report.step % 10 == 0) {
            Random random(3, Stream::sampling);
            generate(logits, {stories.start()}, options, random);
        }
    }
    for (const auto& ids : generate_many(logits, {stories.start()}, 4, options, 1))
        outcome.text += stories.vocabulary().decode(ids);
    outcome.parameters = copy_parameters(model);
    return outcome;
}

void check_same(const Outcome& a, const Outcome& b) {
    CHECK(a.losses == b.losses);  // == of doubles: to the bit
    CHECK(a.norms == b.norms);
    CHECK(a.text == b.text);
    for (std::size_t i = 0; i < a.parameters.size(); ++i)
        CHECK(same_bits(a.parameters[i], b.parameters[i]));
}

}  // namespace

TEST_CASE(
    "50 losses and the sampled text are the same bits for 1, 2 and 3 threads and when repeated") {
    const SavedSettings saved;
    const Outcome one = train({.threads = 1});
    CHECK(one.losses.back() < one.losses.front());
    CHECK(one.text.size() > 100);
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        check_same(one, train({.threads = threads}));
    }
}

TEST_CASE("with dropout, too, 1, 2 and 3 threads give the same bits") {
    const SavedSettings saved;
    const Outcome one = train({.threads = 1, .steps = 20, .dropout = Real(0.2)});
    for (const int threads : {2, 3}) {
        CAPTURE(threads);
        check_same(one, train({.threads = threads, .steps = 20, .dropout = Real(0.2)}));
    }
    const Outcome other = train({.threads = 1, .steps = 20, .dropout = 0});
    CHECK(one.losses.front() != other.losses.front());
}

TEST_CASE("sampling in the middle of training does not change the training" * kFullSpeedOnly) {
    const SavedSettings saved;
    const Real dropout = Real(0.1);
    check_same(train({.threads = 1, .steps = 20, .dropout = dropout}),
               train({.threads = 1, .steps = 20, .dropout = dropout, .samples_between = true}));
}
