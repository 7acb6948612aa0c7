// SPDX-License-Identifier: MIT
// Generation: what the model is shown, when a text ends, and that texts generated together equal
// those generated one by one.
#include "nn/generate/generate.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/elementwise.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

constexpr Index kSuccessors = 7;

// A model almost certain that token n + 1 follows token n, which records what it is shown.
struct Counting {
    std::vector<std::vector<int>> shown;
    LanguageModel model() {
        return [this](const Tokens& ids) -> Variable {
            shown.push_back(ids.id);
            const Tensor y(ids.shape.appended(kSuccessors));
            for (Index i = 0; i < ids.count(); ++i)
                y[i * kSuccessors + (ids.id[static_cast<std::size_t>(i)] + 1) % kSuccessors] = 100;
            return y;
        };
    }
};

Gpt small_gpt(Index context) {
    Gpt model({.layers = 2, .heads = 2, .width = 16, .context = context, .vocabulary = kSuccessors},
              1);
    amplify(model, 15);
    return model;
}

}  // namespace

TEST_CASE("a text goes on from its prompt, and only the new tokens are given back") {
    Counting counting;
    Random random(1);
    const GenerateOptions options{.context = 8, .tokens = 5};
    CHECK(generate(counting.model(), {2, 3}, options, random) == std::vector<int>{4, 5, 6, 0, 1});
    CHECK(counting.shown.front() == std::vector<int>{2, 3});
    CHECK(counting.shown.back() == std::vector<int>{2, 3, 4, 5, 6, 0});
}

TEST_CASE("a text that outgrows the context is shown from the middle on, and grows again") {
    Counting counting;
    Random random(1);
    const std::vector<int> prompt = {0, 1, 2, 3, 4};
    const auto text = generate(counting.model(), prompt, {.context = 4, .tokens = 6}, random);
    CHECK(text == std::vector<int>{5, 6, 0, 1, 2, 3});
    CHECK(counting.shown == std::vector<std::vector<int>>{
                                {1, 2, 3, 4}, {4, 5}, {4, 5, 6}, {4, 5, 6, 0}, {0, 1}, {0, 1, 2}});
    // A context of one token sees the last one each time.
    counting.shown.clear();
    generate(counting.model(), prompt, {.context = 1, .tokens = 3}, random);
    CHECK(counting.shown == std::vector<std::vector<int>>{{4}, {5}, {6}});

    // The same with a real model: only the window matters.
    const Gpt gpt = small_gpt(4);
    const auto model = [&](const Tokens& ids) { return gpt(ids); };
    const GenerateOptions options{.context = 4, .tokens = 1};
    Random a(3), b(3);
    CHECK(generate(model, {6, 6, 6, 1, 2, 3, 4}, options, a) ==
          generate(model, {1, 2, 3, 4}, options, b));
}

TEST_CASE("a stop token ends the text and is its last token; a listener may end it too") {
    Counting counting;
    Random random(1);
    GenerateOptions options{.context = 8, .tokens = 50, .stop = {5, 1}};
    CHECK(generate(counting.model(), {2}, options, random) == std::vector<int>{3, 4, 5});
    CHECK(generate(counting.model(), {5}, options, random) == std::vector<int>{6, 0, 1});
    options.stop = {};
    std::vector<int> heard;
    const auto text = generate(counting.model(), {0}, options, random, [&](int token) {
        heard.push_back(token);
        return token != 3;
    });
    CHECK(text == std::vector<int>{1, 2, 3});
    CHECK(heard == text);
}

TEST_CASE("zero tokens requested gives none, and an empty prompt is refused") {
    Counting counting;
    Random random(1);
    CHECK(generate(counting.model(), {1}, {.tokens = 0}, random).empty());
    CHECK(counting.shown.empty());
    CHECK_THROWS_WITH_AS(generate(counting.model(), {}, {}, random),
                         "generate: the prompt has no tokens", std::invalid_argument);
    CHECK_THROWS_WITH_AS(generate_many(counting.model(), {}, 2, {}, 1),
                         "generate: the prompt has no tokens", std::invalid_argument);
    CHECK_THROWS_AS(generate(counting.model(), {1}, {.context = 0}, random), std::invalid_argument);
    CHECK_THROWS_AS(generate(counting.model(), {1}, {.sampler = {.temperature = -1}}, random),
                    std::invalid_argument);
}

TEST_CASE("greedy text is the same whatever the random numbers; sampled text follows its seed") {
    const Gpt gpt = small_gpt(16);
    const auto model = [&](const Tokens& ids) { return gpt(ids); };
    const auto write = [&](Real temperature, std::uint64_t seed) {
        Random random(seed);
        return generate(model, {1}, {.context = 16, .tokens = 40, .sampler = {temperature}},
                        random);
    };
    CHECK(write(0, 1) == write(0, 2));
    CHECK(write(1, 1) == write(1, 1));
    CHECK(write(1, 1) != write(1, 2));

    // Greedy decoding takes the largest logit at every step.
    std::vector<int> text = {1};
    for (const int token : write(0, 1)) {
        const auto size = static_cast<Index>(text.size());
        const Index T = size <= 16 ? size : 8 + (size - 17) % 9;  // 8 to 16, and 8 again
        const std::vector<int> window(text.end() - T, text.end());
        const Tensor logits = gpt(Tokens({1, T}, window)).value();
        CHECK(token == argmax(logits.data() + (T - 1) * kSuccessors, kSuccessors));
        text.push_back(token);
    }
}

TEST_CASE("text i of many is the text that the i-th random stream writes alone") {
    const Gpt gpt = small_gpt(24);
    const auto model = [&](const Tokens& ids) { return gpt(ids); };
    const GenerateOptions options{.context = 24, .tokens = 10, .stop = {0}};
    const auto texts = generate_many(model, {3, 4}, 12, options, 9);
    REQUIRE(texts.size() == 12);
    std::size_t stopped = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        CAPTURE(i);
        Random random(9, Stream::sampling, i);
        CHECK(texts[i] == generate(model, {3, 4}, options, random));
        stopped += !texts[i].empty() && texts[i].back() == 0;
    }
    CHECK(stopped > 0);
    CHECK(stopped < texts.size());  // both kinds of ending occurred
}

TEST_CASE("many texts end when the next token would have to go without the first") {
    Counting counting;
    const auto texts = generate_many(counting.model(), {0, 1}, 3, {.context = 5, .tokens = 100}, 1);
    for (const auto& text : texts) CHECK(text == std::vector<int>{2, 3, 4, 5});
    CHECK(generate_many(counting.model(), {0}, 0, {}, 1).empty());
    CHECK(generate_many(counting.model(), {0, 1}, 2, {.context = 5, .tokens = 1}, 1) ==
          std::vector<std::vector<int>>{{2}, {2}});
}

TEST_CASE("generation records no graph") {
    const Variable w = parameter(Tensor::scalar(1));
    Random random(1);
    generate(
        [&](const Tokens& ids) {
            const Variable y = w * Tensor(ids.shape.appended(kSuccessors));
            CHECK_FALSE(y.requires_grad());
            return y;
        },
        {1}, {.tokens = 3}, random);
}
