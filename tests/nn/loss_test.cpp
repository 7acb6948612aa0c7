// SPDX-License-Identifier: MIT
// Losses against their closed forms, at ordinary and at extreme inputs.
#include "nn/loss.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace gradus;

TEST_CASE("mse_loss is the mean of squared differences") {
    const Variable x = parameter(Tensor::matrix({{1, 2}, {3, 5}}));
    const Variable loss = mse_loss(x, Tensor::matrix({{0, 4}, {3, 2}}));
    CHECK(loss.shape() == Shape{});
    CHECK(loss.item() == doctest::Approx((1.0 + 4 + 0 + 9) / 4));
    loss.backward();
    const Tensor g = x.grad();  // 2 (x - target) / 4
    CHECK(g.to_vector() == std::vector<Real>{Real(0.5), -1, 0, Real(1.5)});
}

TEST_CASE("binary cross-entropy is -t log p - (1 - t) log(1 - p)") {
    for (const double x : {-6.0, -1.0, -0.1, 0.0, 0.3, 2.0, 7.0})
        for (const double t : {0.0, 0.25, 1.0}) {
            CAPTURE(x);
            CAPTURE(t);
            const Variable logit = parameter(Tensor::from({static_cast<Real>(x)}));
            const Variable loss = binary_cross_entropy(logit, Tensor::from({static_cast<Real>(t)}));
            const double p = 1 / (1 + std::exp(-x));
            CHECK(static_cast<double>(loss.item()) ==
                  doctest::Approx(-t * std::log(p) - (1 - t) * std::log(1 - p)).epsilon(1e-5));
            loss.backward();
            if (x != 0)  // at 0, relu's kink gives a one-sided derivative
                CHECK(static_cast<double>(logit.grad()[0]) == doctest::Approx(p - t).epsilon(1e-5));
        }
}

TEST_CASE("binary cross-entropy stays exact at logits of plus and minus 10,000") {
    const Variable x = parameter(Tensor::from({10000, 10000, -10000, -10000}));
    const Variable loss = binary_cross_entropy(x, Tensor::from({1, 0, 1, 0}));
    CHECK(loss.item() == 5000);  // two right ones cost 0, two wrong ones 10000 each
    loss.backward();
    CHECK(x.grad().to_vector() == std::vector<Real>{0, Real(0.25), Real(-0.25), 0});
}

TEST_CASE("binary cross-entropy averages over all elements and needs equal shapes") {
    const Tensor zeros(Shape{2, 3});
    CHECK(binary_cross_entropy(zeros, zeros).item() == doctest::Approx(std::log(2.0)));
    CHECK_THROWS_WITH_AS(binary_cross_entropy(zeros, Tensor(Shape{3})),
                         "binary_cross_entropy: logits (2, 3) and targets (3,) differ",
                         std::invalid_argument);
}

TEST_CASE(
    "accuracy counts rows whose largest logit is the target's and ignores rows without a target") {
    const Tensor logits = Tensor::matrix({{1, 3, 2}, {5, 0, 0}, {0, 0, 1}, {9, 8, 7}});
    CHECK(accuracy(logits, Tokens({4}, {1, 0, 2, 0})) == 1);
    CHECK(accuracy(logits, Tokens({4}, {1, 1, 2, 1})) == 0.5);
    CHECK(accuracy(logits, Tokens({4}, {0, 1, 2, -1})) == doctest::Approx(1.0 / 3));
    CHECK(accuracy(logits.reshape({2, 2, 3}), Tokens({2, 2}, {1, 0, 0, 0})) == 0.75);
    CHECK_THROWS_WITH_AS(accuracy(logits, Tokens({4}, {-1, -1, -1, -1})),
                         "accuracy: none of the 4 rows has a target", std::invalid_argument);
    CHECK_THROWS_WITH_AS(accuracy(logits, Tokens({3}, {0, 0, 0})),
                         "accuracy: 3 targets for logits (4, 3)", std::invalid_argument);
}
