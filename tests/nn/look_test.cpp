// SPDX-License-Identifier: MIT
#include "nn/look.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/loss.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

const GptConfig kSmall{.layers = 2, .heads = 2, .width = 8, .context = 12, .vocabulary = 7};

Gpt loud_gpt(std::uint64_t seed) {
    Gpt model(kSmall, seed);
    amplify(model, 20);
    return model;
}

}  // namespace

TEST_CASE("attention rows sum to one and never look ahead") {
    const auto views = look_inside(loud_gpt(1), {1, 5, 2, 2, 6, 0, 3});
    REQUIRE(views.size() == 2);
    bool uneven = false;
    for (const auto& view : views) {
        REQUIRE(view.attention.shape() == Shape{2, 7, 7});
        for (Index h = 0; h < 2; ++h) {
            for (Index t = 0; t < 7; ++t) {
                double sum = 0;
                for (Index s = 0; s < 7; ++s) {
                    const double p = view.attention[(h * 7 + t) * 7 + s];
                    if (s > t) CHECK(p == 0);
                    uneven = uneven || std::abs(p - 1.0 / static_cast<double>(t + 1)) > 0.1;
                    sum += p;
                }
                CHECK(sum == doctest::Approx(1));
            }
        }
    }
    CHECK(uneven);
}

TEST_CASE("the probabilities shown are those that the fast kernel gathers values with") {
    const Gpt model = loud_gpt(2);
    const std::vector<int> ids = {0, 1, 2, 3, 4, 5, 6};
    const Index T = 7, C = 8, HS = 4;
    const auto views = look_inside(model, ids);
    const Block& block = model.blocks[0];
    const Tensor qkv = block.attention.qkv(block.norm1(model.embed(Tokens({1, T}, ids)))).value();
    const Tensor y = attention(Variable(qkv), {.heads = 2}).value();  // (1, T, C)
    for (Index t = 0; t < T; ++t) {
        for (Index c = 0; c < C; ++c) {
            double sum = 0;
            for (Index s = 0; s <= t; ++s)
                sum += double(views[0].attention[(c / HS * T + t) * T + s]) *
                       double(qkv[s * 3 * C + 2 * C + c]);
            CHECK(double(y[t * C + c]) == doctest::Approx(sum).epsilon(1e-4));
        }
    }
}

TEST_CASE("the last lens is what the model says, an earlier one is not") {
    const Gpt model = loud_gpt(3);
    const std::vector<int> ids = {3, 1, 4, 1, 5};
    const auto views = look_inside(model, ids);
    const Tensor logits = model(Tokens({1, 5}, ids)).value();  // (1, T, V)
    double farthest = 0;
    for (Index t = 0; t < 5; ++t) {
        double denominator = 0;
        for (Index v = 0; v < 7; ++v) denominator += std::exp(double(logits[t * 7 + v]));
        for (Index v = 0; v < 7; ++v) {
            const double p = std::exp(double(logits[t * 7 + v])) / denominator;
            CHECK(double(views[1].lens.at(t, v)) == doctest::Approx(p).epsilon(1e-4));
            farthest = std::max(farthest, std::abs(double(views[0].lens.at(t, v)) - p));
        }
    }
    CHECK(farthest > 0.01);
}

TEST_CASE("the mean surprise is the loss") {
    const Gpt model = loud_gpt(4);
    const std::vector<int> ids = {3, 1, 4, 1, 5, 0};
    double mean = 0;
    for (const double nats : surprises(look_inside(model, ids), ids)) mean += nats / 5;
    const Variable logits = model(Tokens({1, 5}, {3, 1, 4, 1, 5}));
    const double loss = double(cross_entropy(logits, Tokens({1, 5}, {1, 4, 1, 5, 0})).item());
    CHECK(mean == doctest::Approx(loss).epsilon(1e-4));
}

TEST_CASE("a text that is too long, empty or not of this text is refused") {
    const Gpt model(kSmall, 1);
    CHECK_THROWS_AS(look_inside(model, std::vector<int>(13, 1)), std::invalid_argument);
    CHECK_THROWS_AS(look_inside(model, {}), std::invalid_argument);
    CHECK_THROWS_AS(look_inside(model, {7}), std::invalid_argument);
    CHECK_THROWS_WITH(surprises(look_inside(model, {1, 2, 3}), {1, 2}),
                      "surprises: 2 tokens, but the views are of a text of 3");
    CHECK_THROWS_AS(surprises({}, {1}), std::invalid_argument);
}
