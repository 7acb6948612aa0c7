// SPDX-License-Identifier: MIT
// Evaluation: the mean over tokens, its standard error, and what is ignored.
#include "nn/train/evaluate.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/elementwise.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

// A model with p(1) = 1/2, p(2) = 1/4, p(0) = p(3) = 1/8, whatever its input.
Variable halves(const Tokens& ids) {
    const Real logit[] = {std::log(Real(0.125)), std::log(Real(0.5)), std::log(Real(0.25)),
                          std::log(Real(0.125))};
    const Tensor y(ids.shape.appended(4));
    for (Index i = 0; i < y.count(); ++i) y[i] = logit[i % 4];
    return y;
}

}  // namespace

TEST_CASE("an evaluation is the mean of -log p over the tokens, with the error of a ratio") {
    // Costs in units of ln 2: row 0: 1 + 2 + 3, row 1: 1, row 2: 3 + 3.
    const Batch first{Tokens({2, 3}, std::vector<int>(6, 0)), Tokens({2, 3}, {1, 2, 3, 1, -1, -1})};
    const Batch second{Tokens({1, 3}, std::vector<int>(3, 0)), Tokens({1, 3}, {0, -1, 3})};
    const Evaluation e = evaluate(halves, {first, second});
    const double mean = 13.0 / 6, ln2 = std::log(2.0);
    CHECK(e.tokens == 6);
    CHECK(e.loss == doctest::Approx(mean * ln2));
    const double squares =
        std::pow(6 - 3 * mean, 2) + std::pow(1 - 1 * mean, 2) + std::pow(6 - 2 * mean, 2);
    CHECK(e.standard_error == doctest::Approx(std::sqrt(squares) / 6 * ln2));
}

TEST_CASE("padding is ignored, whatever it holds") {
    Batch batch{Tokens({2, 3}, {0, 1, 2, 3, 0, 0}), Tokens({2, 3}, {1, 2, 3, 1, -1, -1})};
    const Gpt model({.layers = 1, .heads = 2, .width = 8, .context = 3, .vocabulary = 4}, 1);
    const auto gpt = [&](const Tokens& ids) { return model(ids); };
    const Evaluation before = evaluate(gpt, {batch});
    CHECK(before.tokens == 4);
    batch.inputs.id[4] = 3, batch.inputs.id[5] = 2;
    CHECK(evaluate(gpt, {batch}).loss == before.loss);
}

TEST_CASE("the loss does not depend on how rows are dealt out to batches") {
    const Gpt model({.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 6}, 1);
    const auto gpt = [&](const Tokens& ids) { return model(ids); };
    const std::vector<int> text = random_tokens({41}, 6, 1).id;
    const Evaluation one = evaluate(gpt, consecutive_windows(text, 10, 4));
    const Evaluation many = evaluate(gpt, consecutive_windows(text, 3, 4));
    CHECK(one.tokens == 40);
    CHECK(many.tokens == 40);
    CHECK(many.loss == doctest::Approx(one.loss).epsilon(1e-6));
    CHECK(many.standard_error == doctest::Approx(one.standard_error).epsilon(1e-5));
}

TEST_CASE("the standard error is the spread that repeated evaluations really have") {
    Random random(5);
    double sum = 0, squares = 0, claimed = 0;
    const int repeats = 400, rows = 64, T = 6;
    for (int i = 0; i < repeats; ++i) {
        // Rows of 1 to 6 tokens, each all cheap or all expensive: as different as documents are.
        Batch batch{Tokens({rows, T}, std::vector<int>(rows * T, 0)),
                    Tokens({rows, T}, std::vector<int>(rows * T, -1))};
        for (int b = 0; b < rows; ++b) {
            const int target = static_cast<int>(random.below(4));
            const int length = 1 + static_cast<int>(random.below(T));
            for (int t = 0; t < length; ++t)
                batch.targets.id[static_cast<std::size_t>(b * T + t)] = target;
        }
        const Evaluation e = evaluate(halves, {batch});
        sum += e.loss, squares += e.loss * e.loss, claimed += e.standard_error;
    }
    const double mean = sum / repeats;
    const double spread = std::sqrt(squares / repeats - mean * mean);
    CHECK(claimed / repeats == doctest::Approx(spread).epsilon(0.12));
}

TEST_CASE("an evaluation records no graph, drops nothing, and needs something to predict") {
    const Variable w = parameter(Tensor::full({4}, 1));
    const Batch batch{Tokens({1, 2}, {0, 1}), Tokens({1, 2}, {1, 2})};
    evaluate(
        [&](const Tokens& ids) {
            CHECK_FALSE(TrainMode::active());
            const Variable y = halves(ids) * w;
            CHECK_FALSE(y.requires_grad());
            return y;
        },
        {batch});
    CHECK((w * w).requires_grad());
    const Batch nothing{Tokens({1, 2}, {0, 1}), Tokens({1, 2}, {-1, -1})};
    CHECK_THROWS_AS(evaluate(halves, {nothing}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(evaluate(halves, {}), "evaluate: no tokens to predict in 0 batches",
                         std::invalid_argument);
}
