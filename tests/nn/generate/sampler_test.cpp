// SPDX-License-Identifier: MIT
#include "nn/generate/sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "tensor/error.h"

using namespace gradus;

namespace {

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
constexpr Real kNaN = std::numeric_limits<Real>::quiet_NaN();

// Logits whose softmax is `p`.
std::vector<Real> logits_of(const std::vector<double>& p) {
    std::vector<Real> result;
    for (const double x : p) result.push_back(static_cast<Real>(std::log(x)));
    return result;
}

std::vector<Real> probabilities(const std::vector<Real>& logits, const SamplerOptions& options) {
    return token_probabilities(logits.data(), static_cast<Index>(logits.size()), options);
}

int sample(const std::vector<Real>& logits, const SamplerOptions& options, Random& random) {
    return sample_token(logits.data(), static_cast<Index>(logits.size()), options, random);
}

// Ids with a probability above 0.
std::vector<int> support(const std::vector<Real>& p) {
    std::vector<int> ids;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (p[i] > 0) ids.push_back(static_cast<int>(i));
    return ids;
}

// Pearson's chi-square of `draws` draws against `p`; -1 if a token of probability 0 was drawn.
double chi_square(const std::vector<Real>& logits, const SamplerOptions& options,
                  const std::vector<double>& p, int draws, std::uint64_t seed) {
    Random random(seed, Stream::sampling);
    std::vector<int> counts(p.size());
    for (int i = 0; i < draws; ++i)
        ++counts[static_cast<std::size_t>(sample(logits, options, random))];
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double expected = p[i] * draws;
        if (expected == 0 && counts[i] > 0) return -1;
        if (expected > 0) sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

void check_close(const std::vector<Real>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(double{a[i]} - b[i]) < 1e-6);
    }
}

}  // namespace

TEST_CASE("with the default options the distribution is the softmax of the logits") {
    const std::vector<double> p = {0.5, 0.2, 0.15, 0.1, 0.05};
    check_close(probabilities(logits_of(p), {}), p);
    std::vector<Real> shifted = logits_of(p);
    for (Real& x : shifted) x += 100;
    for (Real& x : shifted) x -= 300;
    const std::vector<Real> q = probabilities(shifted, {});
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(std::abs(double{q[i]} - p[i]) < 1e-4);
}

TEST_CASE("temperature raises every probability to the power 1/T") {
    const std::vector<double> p = {0.5, 0.3, 0.2};
    for (const double T : {0.25, 0.5, 2.0, 10.0}) {
        CAPTURE(T);
        std::vector<double> expected;
        for (const double x : p) expected.push_back(std::pow(x, 1 / T));
        const double total = std::accumulate(expected.begin(), expected.end(), 0.0);
        for (double& x : expected) x /= total;
        check_close(probabilities(logits_of(p), {.temperature = static_cast<Real>(T)}), expected);
    }
    // Nothing overflows at the ends of the range.
    const std::vector<Real> logits = {3, 1000, -1000, 1000};
    check_close(probabilities(logits, {.temperature = std::numeric_limits<Real>::min()}),
                {0, 0.5, 0, 0.5});
    check_close(probabilities(logits, {.temperature = std::numeric_limits<Real>::max()}),
                {0.25, 0.25, 0.25, 0.25});
    const Real big = std::numeric_limits<Real>::max();
    check_close(probabilities({big, -big}, {}), {1, 0});
}

TEST_CASE("temperature 0 takes the first of the most likely tokens and draws nothing") {
    Random random(1), untouched(1);
    CHECK(sample({1, 5, 2, 5}, {.temperature = 0}, random) == 1);
    CHECK(sample({-kInfinity, -8}, {.temperature = 0, .top_k = 1}, random) == 1);
    CHECK(random.bits64() == untouched.bits64());
    check_close(probabilities({1, 5, 2, 5}, {.temperature = 0}), {0, 1, 0, 0});
}

TEST_CASE("top-k keeps the k most likely tokens, and of equal ones those with the lower ids") {
    const std::vector<Real> logits = logits_of({0.1, 0.4, 0.2, 0.3});
    check_close(probabilities(logits, {.top_k = 1}), {0, 1, 0, 0});
    check_close(probabilities(logits, {.top_k = 2}), {0, 4.0 / 7, 0, 3.0 / 7});
    check_close(probabilities(logits, {.top_k = 4}), {0.1, 0.4, 0.2, 0.3});
    check_close(probabilities(logits, {.top_k = 1000}), {0.1, 0.4, 0.2, 0.3});
    CHECK(support(probabilities({2, 7, 2, 2, 7, 2}, {.top_k = 4})) == std::vector<int>{0, 1, 2, 4});
}

TEST_CASE("top-p keeps the fewest tokens that reach the mass, the one that crosses it included") {
    const std::vector<Real> logits = logits_of({0.05, 0.5, 0.15, 0.3});
    const auto kept = [&](double p) {
        return support(probabilities(logits, {.top_p = static_cast<Real>(p)}));
    };
    CHECK(kept(0) == std::vector<int>{1});  // never empty
    CHECK(kept(0.01) == std::vector<int>{1});
    CHECK(kept(0.49) == std::vector<int>{1});
    CHECK(kept(0.51) == std::vector<int>{1, 3});
    CHECK(kept(0.79) == std::vector<int>{1, 3});
    CHECK(kept(0.81) == std::vector<int>{1, 2, 3});
    CHECK(kept(0.951) == std::vector<int>{0, 1, 2, 3});
    CHECK(kept(1) == std::vector<int>{0, 1, 2, 3});
    check_close(probabilities(logits, {.top_p = Real(0.7)}), {0, 0.625, 0, 0.375});

    // Equally likely tokens: exactly half of ten, those with the lower ids.
    CHECK(support(probabilities(std::vector<Real>(10, 3), {.top_p = Real(0.5)})) ==
          std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("the nucleus is minimal for random logits, and mass and order are right") {
    Random random(42, Stream::user);
    for (int round = 0; round < 200; ++round) {
        std::vector<Real> logits(1 + random.below(40));
        for (Real& x : logits) x = static_cast<Real>(random.normal() * 3);
        const double p = random.uniform();
        const std::vector<Real> all = probabilities(logits, {});
        const std::vector<Real> cut = probabilities(logits, {.top_p = static_cast<Real>(p)});
        double mass = 0, least = 1, most_cut = 0, total = 0;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            total += cut[i];
            if (cut[i] > 0) mass += all[i], least = std::min(least, double{all[i]});
            if (cut[i] == 0) most_cut = std::max(most_cut, double{all[i]});
        }
        CHECK(total == doctest::Approx(1).epsilon(1e-6));
        CHECK(mass >= p - 1e-6);
        CHECK(mass - least < p + 1e-6);  // without its least likely token it would not reach p
        CHECK(least >= most_cut);
    }
}

TEST_CASE("top-k comes before top-p, which counts what top-k has left") {
    const std::vector<Real> logits = logits_of({0.4, 0.3, 0.2, 0.1});
    // After top-2: 4/7 = 0.571 and 3/7. Of the whole, 0.4 would not have reached 0.5.
    CHECK(support(probabilities(logits, {.top_k = 2, .top_p = Real(0.5)})) == std::vector<int>{0});
    CHECK(support(probabilities(logits, {.top_p = Real(0.5)})) == std::vector<int>{0, 1});
    CHECK(support(probabilities(logits, {.top_k = 2, .top_p = Real(0.6)})) ==
          std::vector<int>{0, 1});
}

TEST_CASE("draws follow the distribution (chi-square, one false alarm in a million seeds)") {
    // Critical values at 1e-6: 4 degrees of freedom 33.3768, 2: 27.6310, 1: 23.9281.
    const std::vector<double> p = {0.4, 0.25, 0.2, 0.1, 0.05};
    CHECK(chi_square(logits_of(p), {}, p, 20000, 1) < 33.3768);
    CHECK(chi_square(logits_of(p), {}, p, 20000, 2) < 33.3768);
    const double top_k = chi_square(logits_of(p), {.top_k = 3},
                                    {0.4 / 0.85, 0.25 / 0.85, 0.2 / 0.85, 0, 0}, 20000, 3);
    CHECK(top_k >= 0);
    CHECK(top_k < 27.6310);
    const double top_p = chi_square(logits_of(p), {.top_p = Real(0.6)},
                                    {0.4 / 0.65, 0.25 / 0.65, 0, 0, 0}, 20000, 4);
    CHECK(top_p >= 0);
    CHECK(top_p < 23.9281);
    // The test can fail: it detects a wrong temperature in the same number of draws.
    CHECK(chi_square(logits_of(p), {.temperature = Real(0.9)}, p, 20000, 1) > 33.3768);
}

TEST_CASE("the drawn tokens are a function of the seed") {
    const std::vector<Real> logits = logits_of({0.3, 0.3, 0.2, 0.2});
    const auto draw = [&](std::uint64_t seed) {
        Random random(seed, Stream::sampling);
        std::string ids;
        for (int i = 0; i < 24; ++i) ids += std::to_string(sample(logits, {}, random));
        return ids;
    };
    CHECK(draw(1) == draw(1));
    CHECK(draw(1) != draw(2));
}

TEST_CASE("a token of logit -infinity is impossible, whatever the temperature") {
    const std::vector<Real> logits = {-kInfinity, 1, -kInfinity, 1};
    check_close(probabilities(logits, {.temperature = 1000}), {0, 0.5, 0, 0.5});
    check_close(probabilities(logits, {.top_k = 3, .top_p = Real(0.99)}), {0, 0.5, 0, 0.5});
    Random random(5);
    for (int i = 0; i < 100; ++i) CHECK(sample(logits, {}, random) % 2 == 1);
}

TEST_CASE("logits that are not numbers stop the sampling") {
    Random random(1);
    CHECK_THROWS_WITH_AS(sample({1, kNaN, 2}, {}, random), "sampler: logit 1 of 3 is nan",
                         NotFiniteError);
    CHECK_THROWS_WITH_AS(sample({1, kInfinity}, {.temperature = 0}, random),
                         "sampler: logit 1 of 2 is inf", NotFiniteError);
    CHECK_THROWS_WITH_AS(probabilities({-kInfinity, -kInfinity}, {}),
                         "sampler: all 2 logits are -inf, no token is possible", NotFiniteError);
    CHECK_THROWS_AS(probabilities({kNaN}, {}), NotFiniteError);
    CHECK_THROWS_WITH_AS(probabilities({}, {}), "sampler: 0 logits", std::invalid_argument);
}

TEST_CASE("options outside their range are refused with the range") {
    const auto refused = [](const SamplerOptions& options) {
        CHECK_THROWS_AS(require_valid(options), std::invalid_argument);
        CHECK_THROWS_AS(probabilities({1, 2}, options), std::invalid_argument);
    };
    refused({.temperature = -1});
    refused({.temperature = kNaN});
    refused({.temperature = kInfinity});
    refused({.top_k = -1});
    refused({.top_p = Real(-0.1)});
    refused({.top_p = Real(1.5)});
    refused({.top_p = kNaN});
    CHECK_THROWS_WITH_AS(
        require_valid({.temperature = -1}),
        "sampler: temperature -1 is not a finite number >= 0 (0 always takes the most "
        "likely token)",
        std::invalid_argument);
    CHECK_NOTHROW(require_valid({.temperature = 0, .top_k = 5, .top_p = 0}));
}
