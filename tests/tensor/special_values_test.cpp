// SPDX-License-Identifier: MIT
// The functions that are not correctly rounded, for every instruction set: their error in units in
// the last place (ulp) against long double, and their values at zero, at infinity, at NaN and at
// the edges of the range.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/attention.h"
#include "tensor/cross_entropy.h"
#include "tensor/layer_norm.h"
#include "tensor/ops.h"
#include "tensor/softmax.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Limits = std::numeric_limits<Real>;
using Exact = long double;
using Unary = Slot<void(Real*, const Real*, Index)>;

constexpr Real kInf = Limits::infinity();
constexpr Real kNaN = Limits::quiet_NaN();
constexpr Real kTiny = Limits::denorm_min(), kSmallest = Limits::min();

std::vector<Real> results(Unary& slot, const std::vector<Real>& x) {
    std::vector<Real> y(x.size());
    slot(y.data(), x.data(), static_cast<Index>(x.size()));
    return y;
}

// The distance between neighbouring numbers at x.
Exact ulp(Exact x) {
    int exponent;
    std::frexp(x, &exponent);
    return std::ldexp(Exact(1), std::max(exponent, Limits::min_exponent) - Limits::digits);
}

struct Worst {
    Exact error = 0;  // in ulp
    Real x = 0, y = 0;
};

// Results below the smallest normal number may be flushed to zero.
template <class Function>
Worst worst_error(Unary& slot, const std::vector<Real>& x, Function exact) {
    const std::vector<Real> y = results(slot, x);
    Worst worst;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const Exact wanted = exact(static_cast<Exact>(x[i]));
        if (std::abs(wanted) < kSmallest && std::abs(y[i]) <= kSmallest) continue;
        const Exact error = std::abs(y[i] - wanted) / ulp(wanted);
        if (!(error <= worst.error)) worst = {error, x[i], y[i]};
    }
    return worst;
}

std::vector<Real> sweep(double low, double high, int n) {
    std::vector<Real> x;
    for (int i = 0; i < n; ++i) x.push_back(static_cast<Real>(low + (high - low) * i / (n - 1)));
    return x;
}

// Magnitudes from `low` to `high` in equal ratios, with both signs.
std::vector<Real> ratios(double low, double high, int n) {
    std::vector<Real> x;
    for (int i = 0; i < n; ++i) {
        const double magnitude =
            std::exp(std::log(low) + (std::log(high) - std::log(low)) * i / (n - 1));
        x.push_back(static_cast<Real>(magnitude));
        x.push_back(static_cast<Real>(-magnitude));
    }
    return x;
}

constexpr int kPoints = kSanitized ? 2001 : 20001;

// Checks that f(x) is `y`, at every position of a vector and in the tail. NaN equals NaN; -0 is 0.
void check_value(Unary& slot, Real x, Real y) {
    for (const std::size_t n : {1, 3, 67}) {
        for (const Real result : results(slot, std::vector<Real>(n, x))) {
            const bool right = std::isnan(y) ? std::isnan(result) : result == y;
            if (right) continue;
            CAPTURE(slot.name());
            CAPTURE(x);
            CHECK(result == y);
            return;
        }
    }
    CHECK(true);
}

}  // namespace

TEST_CASE("exp is good to 2 ulp from the smallest normal result to the largest") {
    each_isa([] {
        const auto exact = [](Exact x) { return std::exp(x); };
        const double low = kDouble ? -708.39 : -87.33, high = kDouble ? 709.77 : 88.71;
        for (const auto& x :
             {sweep(low, high, kPoints), sweep(-1, 1, kPoints), ratios(1e-30, 1, 1001)}) {
            const Worst worst = worst_error(ops().exp_forward, x, exact);
            CAPTURE(worst.x);
            CHECK(worst.error <= 2);
        }
    });
}

TEST_CASE("exp at zero, past its range, at infinity and NaN") {
    each_isa([] {
        Unary& exp = ops().exp_forward;
        check_value(exp, 0, 1);
        check_value(exp, Real(-0.0), 1);
        check_value(exp, kTiny, 1);
        check_value(exp, -kTiny, 1);
        check_value(exp, 10000, kInf);
        check_value(exp, -10000, 0);
        check_value(exp, kInf, kInf);
        check_value(exp, -kInf, 0);
        check_value(exp, kNaN, kNaN);
        check_value(exp, Limits::max(), kInf);
        check_value(exp, Limits::lowest(), 0);
        check_value(exp, kDouble ? Real(709.79) : Real(88.73), kInf);
        check_value(exp, kDouble ? Real(-746) : Real(-104), 0);
    });
}

TEST_CASE("exp falls towards zero without a jump and without a negative number") {
    each_isa([] {
        const double edge = kDouble ? -708.39 : -87.33;
        const auto x = sweep(edge - 20, edge + 1, 3001);
        const auto y = results(ops().exp_forward, x);
        int wrong = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            wrong += !(y[i] >= 0);
            wrong += i > 0 && y[i] < y[i - 1];
            wrong += std::abs(y[i] - std::exp(static_cast<Exact>(x[i]))) >
                     Exact(1.01) * kSmallest + 2 * ulp(y[i]);
        }
        CHECK(wrong == 0);
    });
}

TEST_CASE("log is good to 1 ulp over the whole range") {
    each_isa([] {
        const auto exact = [](Exact x) { return std::log(x); };
        auto x = ratios(kDouble ? 1e-300 : 1e-37, kDouble ? 1e300 : 1e38, kPoints);
        x.erase(std::remove_if(x.begin(), x.end(), [](Real v) { return v < 0; }), x.end());
        for (const auto& points :
             {x, sweep(0.5, 2, kPoints), {kTiny, 3 * kTiny, kSmallest / 3, Limits::max()}}) {
            const Worst worst = worst_error(ops().log_forward, points, exact);
            CAPTURE(worst.x);
            CHECK(worst.error <= 1);
        }
    });
}

TEST_CASE("log at zero, one, infinity, NaN and below zero") {
    each_isa([] {
        Unary& log = ops().log_forward;
        check_value(log, 1, 0);
        check_value(log, 0, -kInf);
        check_value(log, Real(-0.0), -kInf);
        check_value(log, -1, kNaN);
        check_value(log, kInf, kInf);
        check_value(log, -kInf, kNaN);
        check_value(log, kNaN, kNaN);
    });
}

TEST_CASE("sqrt is correctly rounded") {
    each_isa([] {
        const auto exact = [](Exact x) { return std::sqrt(x); };
        const Worst worst = worst_error(ops().sqrt_forward, sweep(0, 1000, kPoints), exact);
        CAPTURE(worst.x);
        CHECK(worst.error <= Exact(0.5));
        Unary& sqrt = ops().sqrt_forward;
        check_value(sqrt, Real(-0.0), 0);
        check_value(sqrt, -1, kNaN);
        check_value(sqrt, kInf, kInf);
        check_value(sqrt, kNaN, kNaN);
        check_value(sqrt, 4 * kSmallest, 2 * std::sqrt(kSmallest));
        check_value(sqrt, kTiny, std::sqrt(kTiny));
    });
}

TEST_CASE("tanh is good to 10 ulp in float and 24 in double, small arguments included") {
    // The worst is where the series has just handed over to 1 - 2 / (e^2x + 1), which cancels: at
    // |x| = 1/4 in float, 1/16 in double.
    each_isa([] {
        const auto exact = [](Exact x) { return std::tanh(x); };
        for (const auto& x :
             {sweep(-20, 20, kPoints), sweep(-0.7, 0.7, kPoints), ratios(1e-30, 1, kPoints)}) {
            const Worst worst = worst_error(ops().tanh_forward, x, exact);
            CAPTURE(worst.x);
            CHECK(worst.error <= (kDouble ? 24 : 10));
        }
    });
}

TEST_CASE("tanh is zero at zero and ends at 1 and -1") {
    each_isa([] {
        Unary& tanh = ops().tanh_forward;
        for (const Real x : {Real(10000), Real(50), kInf, Limits::max()}) {
            check_value(tanh, x, 1);
            check_value(tanh, -x, -1);
        }
        check_value(tanh, kNaN, kNaN);
        check_value(tanh, 0, 0);
        check_value(tanh, Real(-0.0), 0);
        check_value(tanh, kSmallest, kSmallest);
    });
}

TEST_CASE("sigmoid is good to 4 ulp where it is a normal number") {
    each_isa([] {
        const auto exact = [](Exact x) { return 1 / (1 + std::exp(-x)); };
        // Below -87 (-708), e^-x nears the end of the range, and the result the smallest normal
        // number.
        const double low = kDouble ? -700 : -86;
        for (const auto& x : {sweep(low, 40, kPoints), sweep(-1, 1, kPoints)}) {
            const Worst worst = worst_error(ops().sigmoid_forward, x, exact);
            CAPTURE(worst.x);
            CHECK(worst.error <= 4);
        }
    });
}

TEST_CASE("sigmoid at zero, far out, at infinity and NaN") {
    each_isa([] {
        Unary& sigmoid = ops().sigmoid_forward;
        check_value(sigmoid, 0, Real(0.5));
        check_value(sigmoid, Real(-0.0), Real(0.5));
        check_value(sigmoid, 10000, 1);
        check_value(sigmoid, -10000, 0);
        check_value(sigmoid, kInf, 1);
        check_value(sigmoid, -kInf, 0);
        check_value(sigmoid, kNaN, kNaN);
    });
}

TEST_CASE("gelu is off by at most 3 eps |x|, and its derivative by 24 eps in float, 64 in double") {
    each_isa([] {
        const Exact k = std::sqrt(2 / std::acos(Exact(-1)));
        const auto x = sweep(-12, 12, kPoints);
        const auto y = results(ops().gelu_forward, x);
        std::vector<Real> dx(x.size(), 0);
        const std::vector<Real> ones(x.size(), 1);
        ops().gelu_backward(dx.data(), ones.data(), x.data(), static_cast<Index>(x.size()));
        Exact worst = 0, worst_slope = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const Exact v = x[i], u = k * (v + Exact(0.044715) * v * v * v), t = std::tanh(u);
            const Exact exact = v / 2 * (1 + t);
            const Exact slope =
                (1 + t) / 2 + v / 2 * (1 - t * t) * k * (1 + 3 * Exact(0.044715) * v * v);
            worst = std::max(worst, std::abs(y[i] - exact) /
                                        (Limits::epsilon() * std::max(Exact(1e-3), std::abs(v))));
            worst_slope = std::max(worst_slope, std::abs(dx[i] - slope) / Limits::epsilon());
        }
        CHECK(worst <= 3);
        // x du/dx (1 - s): near x = 5 the factor x du/dx magnifies the rounding error of 1 - s.
        CHECK(worst_slope <= (kDouble ? 64 : 24));
    });
}

TEST_CASE("gelu and relu at zero, far out, at infinity and NaN") {
    each_isa([] {
        Unary &gelu = ops().gelu_forward, &relu = ops().relu_forward;
        for (Unary* f : {&gelu, &relu}) {
            check_value(*f, 0, 0);
            check_value(*f, Real(-0.0), 0);
            check_value(*f, 10000, 10000);
            check_value(*f, -10000, 0);
            check_value(*f, kInf, kInf);
        }
        check_value(relu, -kInf, 0);
        check_value(relu, kTiny, kTiny);
        check_value(gelu, kNaN, kNaN);
        for (const Real x : {Real(-10000), Real(-100), Real(0), Real(100), Real(10000)}) {
            Real slope = 0;
            const Real one = 1;
            ops().gelu_backward(&slope, &one, &x, 1);
            CHECK(slope == (x > 0 ? Real(1) : x < 0 ? Real(0) : Real(0.5)));
        }
    });
}

TEST_CASE("one NaN or infinity spoils only its own element") {
    each_isa([] {
        for (const Real bad : {kNaN, kInf, -kInf, Limits::max(), Limits::lowest()}) {
            std::vector<Real> x(67, Real(0.5));
            for (std::size_t at : {std::size_t{0}, std::size_t{20}, std::size_t{66}}) {
                x[at] = bad;
                for (Unary* f : {&ops().exp_forward, &ops().log_forward, &ops().sqrt_forward,
                                 &ops().tanh_forward, &ops().sigmoid_forward, &ops().relu_forward,
                                 &ops().gelu_forward}) {
                    const auto y = results(*f, x);
                    const Real good = results(*f, {Real(0.5)})[0];
                    int wrong = 0;
                    for (std::size_t i = 0; i < x.size(); ++i) wrong += i != at && y[i] != good;
                    CAPTURE(f->name());
                    CHECK(wrong == 0);
                }
                x[at] = Real(0.5);
            }
        }
    });
}

TEST_CASE("softmax stays finite for large logits and gives masked entries 0") {
    each_isa([] {
        const Tensor y =
            softmax_forward(Tensor::matrix({{10000, 9999, -10000, 0, 0},
                                            {-kInf, 0, -kInf, 0, -kInf},
                                            {-10000, -10000, -10000, -10000, -10000},
                                            {Limits::max(), 0, Limits::lowest(), 0, 0}}));
        CHECK(all_finite(y));
        CHECK(y.at(0, 0) == doctest::Approx(0.7310585786).epsilon(1e-6));  // 1 / (1 + 1/e)
        CHECK(y.at(0, 2) == 0);
        CHECK(y.at(1, 0) == 0);
        CHECK(y.at(1, 1) == Real(0.5));
        CHECK(y.at(2, 3) == doctest::Approx(0.2).epsilon(1e-6));
        CHECK(y.at(3, 0) == 1);
        for (Index r = 0; r < 4; ++r) {
            double sum = 0;
            for (Index c = 0; c < 5; ++c) sum += static_cast<double>(y.at(r, c));
            CHECK(sum == doctest::Approx(1).epsilon(1e-6));
        }
    });
}

TEST_CASE("rows of softmax sum to 1 whatever their length") {
    each_isa([] {
        Random random(9);
        for (Index n : {1, 2, 5, 16, 33, 100, 1000}) {
            const Tensor y = softmax_forward(Tensor::uniform({3, n}, -30, 30, random));
            for (Index r = 0; r < 3; ++r) {
                double sum = 0;
                for (Index c = 0; c < n; ++c) sum += static_cast<double>(y.at(r, c));
                CHECK(std::abs(sum - 1) < 20 * Limits::epsilon());
            }
        }
    });
}

TEST_CASE("a NaN anywhere in a row of softmax makes the row NaN, not the next one") {
    each_isa([] {
        for (Index at : {0, 7, 32}) {
            Tensor x({2, 33});
            x.at(0, at) = kNaN;
            const Tensor y = softmax_forward(x);
            CAPTURE(at);
            CHECK(std::isnan(y.at(0, 1)));
            CHECK(std::isnan(y.at(0, 31)));
            CHECK(y.at(1, 0) == doctest::Approx(1.0 / 33));
        }
    });
}

TEST_CASE("cross-entropy of logits of 1e4 is finite and right") {
    each_isa([] {
        const Tensor logits =
            Tensor::matrix({{10000, 0, -10000}, {10000, 0, -10000}, {10000, 10000, -10000}});
        const auto f = cross_entropy_forward(logits, Tokens({3}, {0, 2, 1}));
        CHECK(f.losses[0] == 0);
        CHECK(f.losses[1] == 20000);
        CHECK(
            f.losses[2] ==
            doctest::Approx(std::log(2.0)).epsilon(kDouble ? 1e-9 : 2e-3));  // of 10000.693 - 10000
        const Tensor dlogits({3, 3});
        cross_entropy_backward(Tensor::scalar(3), logits, f, Tokens({3}, {0, 2, 1}), dlogits);
        CHECK(dlogits.at(0, 0) == doctest::Approx(0));
        CHECK(dlogits.at(1, 0) == 1);
        CHECK(dlogits.at(1, 2) == -1);
        CHECK(dlogits.at(2, 0) == doctest::Approx(0.5).epsilon(1e-3));
    });
}

TEST_CASE("attention with scores of 1e4 attends to one position only and stays finite") {
    each_isa([] {
        // B 1, T 3, one head of size 1: query 100, keys 0, 100, -100.
        const Tensor qkv = Tensor::from({1, 3, 3}, {100, 0, 1, 100, 100, 2, 100, -100, 3});
        const auto f = attention_forward(qkv, {.heads = 1, .mask = AttentionMask::none()});
        CHECK(f.y.to_vector() == std::vector<Real>{2, 2, 2});
        CHECK(f.lse.to_vector() == std::vector<Real>{10000, 10000, 10000});
        const Tensor dqkv({1, 3, 9 / 3});
        attention_backward(Tensor::full({1, 3, 1}, 1), qkv, f,
                           {.heads = 1, .mask = AttentionMask::none()}, dqkv);
        CHECK(all_finite(dqkv));
        CHECK(dqkv.at(0, 1, 2) == 3);  // all three positions attend to the second value
        CHECK(dqkv.at(0, 0, 2) == 0);
    });
}

TEST_CASE("attention with scores of 1e30 attends to one position only and stays finite") {
    each_isa([] {
        const Real big = Real(1e15);
        const Tensor qkv = Tensor::from({1, 3, 3}, {big, 0, 1, big, big, 2, big, -big, 3});
        const auto f = attention_forward(qkv, {.heads = 1, .mask = AttentionMask::none()});
        CHECK(f.y.to_vector() == std::vector<Real>{2, 2, 2});
        const Tensor dqkv({1, 3, 3});
        attention_backward(Tensor::full({1, 3, 1}, 1), qkv, f,
                           {.heads = 1, .mask = AttentionMask::none()}, dqkv);
        CHECK(all_finite(dqkv));
        CHECK(dqkv.at(0, 1, 2) == 3);
    });
}

TEST_CASE("attention skips keys whose scores are -infinity, even if they are the first 200") {
    each_isa([] {
        // Query 1, keys -infinity and then 0, values 0, 1, 2, ...: the average of the last hundred.
        Tensor qkv({1, 300, 3});
        for (Index t = 0; t < 300; ++t) {
            qkv.at(0, t, 0) = 1;
            qkv.at(0, t, 1) = t < 200 ? -kInf : 0;
            qkv.at(0, t, 2) = static_cast<Real>(t);
        }
        const auto f = attention_forward(qkv, {.heads = 1, .mask = AttentionMask::none()});
        for (Index t = 0; t < 300; ++t) {
            CHECK(f.y[t] == doctest::Approx(249.5).epsilon(1e-5));
            CHECK(f.lse[t] == doctest::Approx(std::log(100.0)).epsilon(1e-5));
        }
        // With the mask the first 200 positions see nothing but -infinity: no key has a weight.
        const auto masked = attention_forward(qkv, {});
        CHECK(masked.y[199] == 0);
        CHECK(masked.lse[199] == -kInf);
        CHECK(masked.y[200] == 200);
    });
}

TEST_CASE("a key that is NaN spoils the positions that see it, and no other") {
    each_isa([] {
        Random random(10);
        const Index T = 300, bad = 150;
        const Tensor qkv = Tensor::uniform({1, T, 3 * 2 * 8}, -1, 1, random);
        const Tensor before = attention_forward(qkv, {.heads = 2}).y.clone();
        qkv.at(0, bad, 16) = kNaN;  // of the first head
        const Tensor y = attention_forward(qkv, {.heads = 2}).y;
        int wrong = 0;
        for (Index t = 0; t < T; ++t)
            for (Index c = 0; c < 16; ++c)
                wrong += c < 8 && t >= bad ? !std::isnan(y.at(0, t, c))
                                           : y.at(0, t, c) != before.at(0, t, c);
        CHECK(wrong == 0);
    });
}

TEST_CASE("layer norm of numbers far from zero does not cancel") {
    each_isa([] {
        // 1000 + {-1, 0, 1}: E[x^2] - mean^2 in float would be wrong in the first digit.
        const Tensor x = Tensor::matrix({{999, 1000, 1001}});
        const auto f = layer_norm_forward(x, Tensor::full({3}, 1), Tensor());
        const double rstd = 1 / std::sqrt(2.0 / 3 + 1e-5);
        CHECK(f.mean[0] == 1000);
        CHECK(f.rstd[0] == doctest::Approx(rstd).epsilon(1e-6));
        CHECK(f.y[0] == doctest::Approx(-rstd).epsilon(1e-6));
        CHECK(f.y[1] == 0);
    });
}

TEST_CASE("layer norm of equal numbers gives the bias, not NaN") {
    each_isa([] {
        for (Index C : {1, 3, 17, 64}) {
            const auto f = layer_norm_forward(Tensor::full({2, C}, 2), Tensor::full({C}, 3),
                                              Tensor::full({C}, 7));
            for (Index i = 0; i < 2 * C; ++i) CHECK(f.y[i] == 7);
            CHECK(f.rstd[0] == doctest::Approx(1 / std::sqrt(1e-5)).epsilon(1e-5));
        }
    });
}
