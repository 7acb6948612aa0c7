// SPDX-License-Identifier: MIT
// The test that a stub, a leak and a broken gradient all fail: on stories whose entropy is known,
// the loss gets far below that of any bigram model, and never below the entropy.
#include <doctest/doctest.h>

#include <cmath>

#include "autograd/cross_entropy.h"
#include "nn/text/ngram.h"
#include "nn/train/evaluate.h"
#include "nn/train/trainer.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

Evaluation train(const Stories& stories, Index steps) {
    Gpt model(stories.config(2, 2, 48), 1);
    Trainer trainer(named_parameters(model), {.steps = steps, .warmup = 20, .lr = 8e-3},
                    [&](Index step, Index) {
                        const Batch batch = stories.batch(step, 16);
                        return cross_entropy(model(batch.inputs), batch.targets);
                    });
    while (!trainer.done()) trainer.step();
    return evaluate([&](const Tokens& ids) { return model(ids); },
                    stories.held_out(kSanitized ? 1 : 4, 64));
}

double bigram_loss(const Stories& stories) {
    NgramModel model(2, stories.vocabulary().size(), 1);
    for (std::uint64_t i = 0; i < 2000; ++i) {
        std::vector<int> text = stories.vocabulary().encode(stories.source().document(1, i));
        text.insert(text.begin(), stories.start());
        model.count(text);
    }
    double sum = 0, tokens = 0;
    for (std::uint64_t i = 0; i < 256; ++i) {
        std::vector<int> text =
            stories.vocabulary().encode(stories.source().document(1, i, Stream::validation));
        text.insert(text.begin(), stories.start());
        const auto n = static_cast<double>(text.size() - 1);
        sum += model.loss(text) * n, tokens += n;
    }
    return sum / tokens;
}

bool below_floor(const Evaluation& e, double floor) {
    return e.loss < floor - 3 * e.standard_error;
}

}  // namespace

TEST_CASE("a small GPT beats the bigram baseline by far on stories, and is never below the floor" *
          kFullSpeedOnly) {
    const Stories stories("tales-zh");
    const bool slow = kSanitized || kDouble;
    const Evaluation e = train(stories, slow ? 50 : 400);
    CAPTURE(e.loss);
    CAPTURE(e.standard_error);
    CHECK(e.loss < bigram_loss(stories) * (slow ? 0.8 : 0.5));
    CHECK_FALSE(below_floor(e, stories.source().floor()));
}

TEST_CASE("a model that sees the future falls below the floor, and the floor gives it away" *
          kFullSpeedOnly) {
    const Stories stories("tales-zh");
    const Leak leak;
    const Evaluation e = train(stories, 110);
    CAPTURE(e.loss);
    CHECK(below_floor(e, stories.source().floor()));
}
