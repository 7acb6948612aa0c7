// SPDX-License-Identifier: MIT
// Small examples with answers worked out by hand, which the naive loops and every instruction set
// must give; and the inputs that each function of tensor/ refuses.
#include <doctest/doctest.h>

#include <cmath>

#include "tensor/attention.h"
#include "tensor/cross_entropy.h"
#include "tensor/dropout.h"
#include "tensor/dropout_mask.h"
#include "tensor/elementwise.h"
#include "tensor/embedding.h"
#include "tensor/layer_norm.h"
#include "tensor/matmul.h"
#include "tensor/ops.h"
#include "tensor/optimiser.h"
#include "tensor/reduce.h"
#include "tensor/softmax.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Numbers = std::vector<Real>;

void check_close(const Tensor& t, const std::vector<double>& expected, double tolerance = 1e-6) {
    REQUIRE(t.count() == static_cast<Index>(expected.size()));
    for (Index i = 0; i < t.count(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(static_cast<double>(t[i]) - expected[static_cast<std::size_t>(i)]) <=
              tolerance);
    }
}

const Tensor& a23() {
    static const Tensor a = Tensor::matrix({{1, 2, 3}, {4, 5, 6}});
    return a;
}

}  // namespace

TEST_CASE("matmul of small whole numbers, plain and with the right operand transposed") {
    each_isa([] {
        const Tensor b = Tensor::matrix({{1, 2}, {3, 4}, {5, 6}});
        CHECK(matmul_forward(a23(), b).to_vector() == Numbers{22, 28, 49, 64});
        CHECK(matmul_forward(a23(), a23(), Transpose::yes).to_vector() == Numbers{14, 32, 32, 77});
        const Tensor c = matmul_forward(a23().reshape({2, 1, 3}), b);
        CHECK((c.shape() == Shape{2, 1, 2}));
        CHECK((matmul_forward(Tensor::from({1, 2, 3}), b).shape() == Shape{2}));
    });
}

TEST_CASE("round_to_bf16 keeps 8 significant bits, to the nearest, ties to the even one") {
    const Real step = Real(1) / 128;  // between two numbers of 8 bits above 1
    CHECK(round_to_bf16(1) == 1);
    CHECK(round_to_bf16(Real(-1.5)) == Real(-1.5));
    CHECK(round_to_bf16(1 + step) == 1 + step);
    CHECK(round_to_bf16(1 + step / 2) == 1);                 // a tie, down to even
    CHECK(round_to_bf16(1 + 3 * step / 2) == 1 + 2 * step);  // a tie, up to even
    CHECK(round_to_bf16(1 + Real(0.51) * step) == 1 + step);
    CHECK(round_to_bf16(2 - step / 4) == 2);  // carries into the exponent
    CHECK(round_to_bf16(Real(3.14159265)) == Real(3.140625));
    CHECK(std::signbit(round_to_bf16(-Real(0))));
    CHECK(std::isnan(round_to_bf16(std::numeric_limits<Real>::quiet_NaN())));
    const Real infinity = std::numeric_limits<Real>::infinity();
    CHECK(round_to_bf16(infinity) == infinity);
    CHECK(round_to_bf16(std::numeric_limits<Real>::max()) == infinity);
    Random random(5);
    for (int i = 0; i < 1000; ++i) {
        const Real x = static_cast<Real>(random.uniform()) - Real(0.5);
        CHECK(std::abs(round_to_bf16(x) - x) <= std::abs(x) / 256);
    }
}

TEST_CASE("matrix products round their operands while a Bf16Autocast exists, and only then") {
    const Real close = 1 + Real(1) / 1024;  // rounds to 1
    const Tensor a = Tensor::matrix({{close}}), b = Tensor::matrix({{2}});
    const Tensor da({1, 1}), db({1, 1});
    {
        const Bf16Autocast guard;
        CHECK(matmul_forward(a, b).item() == 2);
        matmul_backward(b, a, b, da, db);
        CHECK(da.item() == 4);
        CHECK(db.item() == 2);
    }
    CHECK(matmul_forward(a, b).item() == 2 * close);
}

TEST_CASE("matmul_backward adds or sets dc b^T and a^T dc, and skips what is not wanted") {
    each_isa([] {
        const Tensor a = Tensor::matrix({{1, 2}}), b = Tensor::matrix({{3}, {4}}),
                     dc = Tensor::matrix({{10}});
        const Tensor da = Tensor::full({1, 2}, 1), db = Tensor::full({2, 1}, 2);
        matmul_backward(dc, a, b, da, db);
        CHECK(da.to_vector() == Numbers{31, 41});
        CHECK(db.to_vector() == Numbers{12, 22});
        matmul_backward(dc, a, b, Tensor(), db);
        CHECK(da.to_vector() == Numbers{31, 41});
        CHECK(db.to_vector() == Numbers{22, 42});
        matmul_backward(dc, a, b, da, db, Transpose::no, Write::overwrite);
        CHECK(da.to_vector() == Numbers{30, 40});
        CHECK(db.to_vector() == Numbers{32, 62});
        matmul_backward(dc, a, b, da, db, Transpose::no, Write::accumulate, Write::overwrite);
        CHECK(da.to_vector() == Numbers{60, 80});
        CHECK(db.to_vector() == Numbers{10, 20});
    });
}

TEST_CASE("transpose exchanges the last two axes") {
    each_isa([] {
        CHECK(transpose_forward(a23()).to_vector() == Numbers{1, 4, 2, 5, 3, 6});
        const Tensor y = transpose_forward(Tensor::from({2, 1, 3}, {1, 2, 3, 4, 5, 6}));
        CHECK((y.shape() == Shape{2, 3, 1}));
        CHECK(y.to_vector() == Numbers{1, 2, 3, 4, 5, 6});
        CHECK((transpose_forward(Tensor({0, 3})).shape() == Shape{3, 0}));
    });
}

TEST_CASE("arithmetic broadcasts") {
    each_isa([] {
        const Tensor row = Tensor::from({10, 20, 30}), column = Tensor::matrix({{1}, {2}});
        CHECK((a23() + row).to_vector() == Numbers{11, 22, 33, 14, 25, 36});
        CHECK((row - a23()).to_vector() == Numbers{9, 18, 27, 6, 15, 24});
        CHECK((a23() * column).to_vector() == Numbers{1, 2, 3, 8, 10, 12});
        CHECK((a23() / Tensor::scalar(2)).to_vector() == Numbers{0.5, 1, 1.5, 2, 2.5, 3});
        CHECK((column + row).to_vector() == Numbers{11, 21, 31, 12, 22, 32});
        CHECK((Real(3) * row).to_vector() == Numbers{30, 60, 90});
        CHECK((Tensor({0, 3}) + row).count() == 0);
    });
}

TEST_CASE("broadcast_to stretches and sum_to sums back") {
    each_isa([] {
        const Tensor column = Tensor::matrix({{1}, {2}});
        CHECK(broadcast_to(column, {2, 3}).to_vector() == Numbers{1, 1, 1, 2, 2, 2});
        CHECK(broadcast_to(Tensor::from({1, 2}), {2, 2, 2}).to_vector() ==
              Numbers{1, 2, 1, 2, 1, 2, 1, 2});
        CHECK(sum_to(Tensor::full({2, 3}, 1), {3}).to_vector() == Numbers{2, 2, 2});
        CHECK(sum_to(a23(), {2, 1}).to_vector() == Numbers{6, 15});
        CHECK(sum_to(a23(), {}).to_vector() == Numbers{21});
        CHECK(sum_to(Tensor::full({4, 2, 3}, 1), {1, 3}).to_vector() == Numbers{8, 8, 8});
        CHECK(broadcast_to(a23(), {2, 3}).data() == a23().data());
        CHECK(sum_to(a23(), {2, 3}).data() == a23().data());
    });
}

TEST_CASE("sums over everything and over each axis") {
    each_isa([] {
        CHECK(sum_all(a23()).item() == 21);
        CHECK(sum_axis(a23(), 0).to_vector() == Numbers{5, 7, 9});
        CHECK(sum_axis(a23(), -1).to_vector() == Numbers{6, 15});
        CHECK(sum_axis(Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), 1).to_vector() ==
              Numbers{4, 6, 12, 14});
        CHECK(sum_all(Tensor({0, 2})).item() == 0);
        CHECK(sum_axis(Tensor({0, 2}), 0).to_vector() == Numbers{0, 0});
        CHECK(sum_squares(a23()) == 91);
        const Tensor dx = Tensor::full({2, 3}, 1);
        sum_axis_backward(Tensor::from({10, 20}), 1, dx);
        CHECK(dx.to_vector() == Numbers{11, 11, 11, 21, 21, 21});
        sum_all_backward(Tensor::scalar(5), dx);
        CHECK(dx[0] == 16);
    });
}

TEST_CASE("the derivatives of elementwise functions at round numbers") {
    each_isa([] {
        const Tensor dy = Tensor::from({2}), half = Tensor::from({Real(0.5)});
        const auto gradient = [&](auto backward, const Tensor& given) {
            const Tensor dx = Tensor::from({100});
            backward(dy, given, dx);
            return dx[0] - 100;
        };
        CHECK(gradient(exp_backward, half) == 1);
        CHECK(gradient(log_backward, half) == 4);
        CHECK(gradient(sqrt_backward, half) == 2);
        CHECK(gradient(tanh_backward, half) == Real(1.5));
        CHECK(gradient(sigmoid_backward, half) == Real(0.5));
        CHECK(gradient(relu_backward, half) == 2);
        CHECK(gradient(relu_backward, Tensor::from({-1})) == 0);
        CHECK(gradient(relu_backward, Tensor::from({0})) == 0);
        CHECK(gradient(gelu_backward, Tensor::from({0})) == 1);
        const Tensor da = Tensor::from({1}), db = Tensor::from({1});
        div_backward(dy, Tensor::from({3}), Tensor::from({4}), da, db);  // 12 / 4
        CHECK(da[0] == Real(1.5));
        CHECK(db[0] == Real(-0.5));
    });
}

TEST_CASE("softmax of log 1, log 2, log 3 is 1/6, 2/6, 3/6") {
    each_isa([] {
        const Tensor x =
            Tensor::from({0, static_cast<Real>(std::log(2)), static_cast<Real>(std::log(3))});
        const Tensor y = softmax_forward(x);
        check_close(y, {1.0 / 6, 2.0 / 6, 3.0 / 6});
        const Tensor dx = Tensor::full({3}, 1);
        softmax_backward(Tensor::from({6, 0, 0}), y, dx);  // y (dy - 1)
        check_close(dx, {1 + 5.0 / 6, 1 - 2.0 / 6, 1 - 3.0 / 6});
    });
}

TEST_CASE("cross-entropy of equal logits is log V, and ignored rows cost nothing") {
    each_isa([] {
        const Tensor logits({4, 5});
        const auto f = cross_entropy_forward(logits, Tokens({4}, {0, -1, 4, -7}));
        CHECK(f.counted == 2);
        CHECK(f.loss.item() == doctest::Approx(std::log(5.0)));
        check_close(f.losses, {std::log(5.0), 0, std::log(5.0), 0});
        const Tensor dlogits({4, 5});
        cross_entropy_backward(Tensor::scalar(10), logits, f, Tokens({4}, {0, -1, 4, -7}), dlogits);
        check_close(dlogits, {-4, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, -4, 0, 0, 0, 0, 0});
    });
}

TEST_CASE("layer norm of 1, 2, 3 with gain and bias") {
    each_isa([] {
        const auto f = layer_norm_forward(Tensor::matrix({{1, 2, 3}}), Tensor::from({1, 2, 3}),
                                          Tensor::from({0, 5, 1}));
        const double r = 1 / std::sqrt(2.0 / 3 + 1e-5);
        check_close(f.y, {-r, 5, 3 * r + 1}, 2e-6);
        CHECK(f.mean[0] == 2);
        check_close(f.rstd, {r});
    });
}

TEST_CASE("embedding picks rows, and a row picked twice receives both gradients") {
    each_isa([] {
        const Tensor table = Tensor::matrix({{1, 2}, {3, 4}, {5, 6}});
        const Tokens ids({2, 2}, {2, 0, 2, 1});
        const Tensor y = embedding_forward(table, ids);
        CHECK((y.shape() == Shape{2, 2, 2}));
        CHECK(y.to_vector() == Numbers{5, 6, 1, 2, 5, 6, 3, 4});
        const Tensor dtable = Tensor::full({3, 2}, 100);
        embedding_backward(Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), ids, dtable);
        CHECK(dtable.to_vector() == Numbers{103, 104, 107, 108, 106, 108});
    });
}

TEST_CASE(
    "dropout scales what it keeps, keeps everything at rate 0, and its gradient has the same "
    "mask") {
    each_isa([] {
        const Tensor x = Tensor::full({1000}, 3);
        CHECK(dropout_forward(x, 0, 7).to_vector() == x.to_vector());
        const Tensor y = dropout_forward(x, Real(0.25), 7), dx = Tensor::full({1000}, 1);
        dropout_backward(x, Real(0.25), 7, dx);
        for (Index i = 0; i < 1000; ++i) {
            const bool kept =
                dropout_keeps(7, static_cast<std::uint64_t>(i), dropout_threshold(Real(0.25)));
            REQUIRE(y[i] == (kept ? Real(4) : Real(0)));
            REQUIRE(dx[i] == (kept ? Real(5) : Real(1)));
        }
    });
}

TEST_CASE("attention of two positions, worked out by hand") {
    each_isa([] {
        // One head of size 1. q = 1, 1; k = 0, log 3; v = 8, 16. Position 1 sees probabilities 1/4
        // and 3/4.
        const Real log3 = static_cast<Real>(std::log(3.0));
        const Tensor qkv = Tensor::from({1, 2, 3}, {1, 0, 8, 1, log3, 16});
        const auto f = attention_forward(qkv, {});
        check_close(f.y, {8, 14}, 1e-5);
        check_close(f.lse, {0, std::log(4.0)});
        check_close(attention_forward(qkv, {.heads = 1, .mask = AttentionMask::none()}).y, {14, 14},
                    1e-5);
        check_close(attention_probabilities(qkv, {}), {1, 0, 0.25, 0.75});
        // dy = 0, 1: dv = 1/4, 3/4. dp = v, dscore = p (v - y) = -1.5, 1.5; dk = dscore q, dq = sum
        // dscore k.
        const Tensor dqkv = Tensor::full({1, 2, 3}, 10);
        attention_backward(Tensor::from({1, 2, 1}, {0, 1}), qkv, f, {}, dqkv);
        check_close(dqkv, {10, 10 - 1.5, 10.25, 10 + 1.5 * std::log(3.0), 10 + 1.5, 10.75}, 1e-5);
    });
}

TEST_CASE("attention divides scores by the root of the head size and keeps heads apart") {
    each_isa([] {
        // Two heads of size 4. In head 0 q k = 4 log 9 / 4 per position, so the score is log 9 / 2
        // = log 3.
        const Real k = static_cast<Real>(std::log(9.0) / 4);
        Tensor qkv({1, 2, 24});
        for (Index t = 0; t < 2; ++t) {
            for (Index i = 0; i < 8; ++i) {
                qkv.at(0, t, i) = 1;
                qkv.at(0, t, 8 + i) = i < 4 && t == 1 ? k : 0;
                qkv.at(0, t, 16 + i) = static_cast<Real>(100 * i + (t ? 16 : 8));
            }
        }
        const Tensor y = attention_forward(qkv, {.heads = 2}).y;
        CHECK(y.at(0, 1, 0) == doctest::Approx(14));  // 1/4 and 3/4
        CHECK(y.at(0, 1, 3) == doctest::Approx(314));
        CHECK(y.at(0, 1, 4) == doctest::Approx(412));  // the second head: 1/2 and 1/2
        CHECK(y.at(0, 0, 7) == doctest::Approx(708));
    });
}

TEST_CASE(
    "causal attention does not see the future: later tokens change no bit of earlier outputs") {
    each_isa([] {
        Random random(4);
        const Tensor qkv = Tensor::uniform({2, 37, 3 * 2 * 9}, -1, 1, random);
        const AttentionOptions options{.heads = 2, .dropout = Real(0.1), .key = 3};
        const Tensor before = attention_forward(qkv, options).y.clone();
        for (Index t : {Index{1}, Index{17}, Index{36}}) {
            Tensor changed = qkv.clone();
            for (Index b = 0; b < 2; ++b)
                for (Index s = t; s < 37; ++s)
                    for (Index c = 0; c < 54; ++c) changed.at(b, s, c) += 5;
            const Tensor after = attention_forward(changed, options).y;
            bool same = true;
            for (Index b = 0; b < 2; ++b)
                for (Index s = 0; s < t; ++s)
                    for (Index c = 0; c < 18; ++c)
                        same = same && after.at(b, s, c) == before.at(b, s, c);
            CHECK(same);
            CHECK(after.at(0, t, 0) != before.at(0, t, 0));
        }
    });
}

TEST_CASE("attention's probabilities sum to 1 in every row, and masked ones are zero") {
    Random random(6);
    const Tensor p =
        attention_probabilities(Tensor::uniform({2, 7, 30}, -2, 2, random), {.heads = 2});
    CHECK((p.shape() == Shape{2, 2, 7, 7}));
    for (Index row = 0; row < 28; ++row) {
        double sum = 0;
        for (Index s = 0; s < 7; ++s) {
            sum += static_cast<double>(p[row * 7 + s]);
            if (s > row % 7) CHECK(p[row * 7 + s] == 0);
        }
        CHECK(sum == doctest::Approx(1));
    }
}

TEST_CASE("attention is the average of the values, weighted by its probabilities") {
    each_isa([] {
        Random random(7);
        const Index B = 2, T = 140, NH = 2, HS = 5, C = NH * HS;
        const Tensor qkv = Tensor::uniform({B, T, 3 * C}, -2, 2, random);
        for (const bool causal : {true, false}) {
            const AttentionOptions options{
                .heads = NH, .mask = causal ? AttentionMask::causal() : AttentionMask::none()};
            const Tensor p = attention_probabilities(qkv, options);
            const Tensor y = attention_forward(qkv, options).y;
            double worst = 0;
            for (Index b = 0; b < B; ++b)
                for (Index t = 0; t < T; ++t)
                    for (Index c = 0; c < C; ++c) {
                        double sum = 0;
                        for (Index s = 0; s < T; ++s)
                            sum += static_cast<double>(p.at(b, c / HS, t, s)) *
                                   static_cast<double>(qkv.at(b, s, 2 * C + c));
                        worst = std::max(worst, std::abs(sum - static_cast<double>(y.at(b, t, c))));
                    }
            CHECK(worst < 1e-5);
        }
    });
}

TEST_CASE("SGD with momentum, three steps by hand") {
    each_isa([] {
        const Tensor w = Tensor::from({1}), g = Tensor::from({2}), velocity = Tensor::from({0});
        sgd_step(w, g, velocity, Real(0.5), Real(0.5));  // velocity 2, w 0
        CHECK(w[0] == 0);
        sgd_step(w, g, velocity, Real(0.5), Real(0.5));  // velocity 3, w -1.5
        CHECK(w[0] == Real(-1.5));
        CHECK(velocity[0] == 3);
        sgd_step(w, g, Tensor(), Real(0.5), 0);
        CHECK(w[0] == Real(-2.5));
    });
}

TEST_CASE("AdamW follows its formula over five steps, in double by hand") {
    each_isa([] {
        const double lr = 0.1, beta1 = 0.9, beta2 = 0.99, eps = 1e-8, decay = 0.2, clip = 0.5;
        const double gradients[] = {3, -1, 0.5, 0, 2};
        const Tensor w = Tensor::from({2}), m = Tensor::from({0}), v = Tensor::from({0});
        double hand_w = 2, hand_m = 0, hand_v = 0;
        for (int t = 1; t <= 5; ++t) {
            const double g = gradients[t - 1] * clip;
            adamw_step(w, Tensor::from({static_cast<Real>(gradients[t - 1])}), m, v,
                       {.lr = Real(lr),
                        .beta1 = Real(beta1),
                        .beta2 = Real(beta2),
                        .eps = Real(eps),
                        .decay = Real(decay),
                        .step = t,
                        .grad_scale = Real(clip)});
            hand_m = beta1 * hand_m + (1 - beta1) * g;
            hand_v = beta2 * hand_v + (1 - beta2) * g * g;
            hand_w -= lr * decay * hand_w;
            hand_w -= lr * hand_m / (1 - std::pow(beta1, t)) /
                      (std::sqrt(hand_v / (1 - std::pow(beta2, t))) + eps);
            CHECK(w[0] == doctest::Approx(hand_w).epsilon(kDouble ? 1e-12 : 1e-5));
            CHECK(m[0] == doctest::Approx(hand_m).epsilon(kDouble ? 1e-12 : 1e-5));
            CHECK(v[0] == doctest::Approx(hand_v).epsilon(kDouble ? 1e-12 : 1e-5));
        }
    });
}

TEST_CASE("the first step of AdamW moves by the learning rate, whatever the size of the gradient") {
    for (const Real g : {Real(1e-3), Real(1), Real(-1e3)}) {
        const Tensor w({1}), m({1}), v({1});
        adamw_step(w, Tensor::from({g}), m, v, {.lr = Real(0.01)});
        CHECK(w[0] == doctest::Approx(g > 0 ? -0.01 : 0.01).epsilon(1e-4));
    }
}

TEST_CASE("Lion, two steps by hand: it moves by lr, and stays where moment and gradient are 0") {
    each_isa([] {
        const Tensor w = Tensor::from({1, 1, 1}), g = Tensor::from({-4, 0, 8}),
                     m = Tensor::from({1, 0, -4});
        const LionStep step{.lr = Real(0.5), .beta1 = Real(0.5), .beta2 = Real(0.75)};
        lion_step(w, g, m, step);  // means -1.5, 0, 2
        CHECK(w.to_vector() == std::vector<Real>{1.5, 1, 0.5});
        CHECK(m.to_vector() == std::vector<Real>{Real(-0.25), 0, -1});
        lion_step(w, Tensor::from({4, 0, 0}), m, step);  // means 1.875, 0, -0.5
        CHECK(w.to_vector() == std::vector<Real>{1, 1, 1});
        CHECK(m.to_vector() == std::vector<Real>{Real(0.8125), 0, Real(-0.75)});
        lion_step(w, g, m, {.lr = Real(0.25), .decay = 2, .grad_scale = 0});  // w halved, then +-
        CHECK(w.to_vector() == std::vector<Real>{Real(0.25), Real(0.5), Real(0.75)});
        lion_step(w, Tensor::from({NAN, 0, 0}), m, step);
        CHECK(std::isnan(w[0]));
        CHECK(std::isfinite(w[1]));
    });
}

// ---- what is refused ------------------------------------------------------------------------

TEST_CASE("matmul and transpose name both shapes when they refuse") {
    const Tensor a({2, 3}), b({4, 5});
    CHECK_THROWS_WITH_AS(matmul_forward(a, b),
                         "matmul: inner sizes differ: a is (2, 3), b is (4, 5)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(matmul_forward(a, b, Transpose::yes),
                         "matmul: inner sizes differ: a is (2, 3), b is (4, 5) taken transposed",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(matmul_forward(a, Tensor({3})),
                         "matmul: needs (..., K) times (K, N), got (2, 3) times (3,)",
                         std::invalid_argument);
    CHECK_THROWS_AS(matmul_forward(Tensor::scalar(1), b), std::invalid_argument);
    CHECK_THROWS_AS(matmul_forward(Tensor(), b), std::invalid_argument);
    CHECK_THROWS_WITH_AS(transpose_forward(Tensor({3})),
                         "transpose: needs at least two axes, shape is (3,)",
                         std::invalid_argument);
}

TEST_CASE(
    "elementwise operations and reductions name the operation and the shapes when they refuse") {
    const Tensor a({2, 3}), b({4});
    CHECK_THROWS_WITH_AS(
        a + b,
        "add: shapes (2, 3) and (4,) do not broadcast: axis -1 has sizes 3 and 4, and neither is 1",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        a / b,
        "div: shapes (2, 3) and (4,) do not broadcast: axis -1 has sizes 3 and 4, and neither is 1",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(add_scaled(a, b), "add_scaled: shapes differ: y (2, 3), x (4,)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(add_product(a, a, b),
                         "add_product: shapes differ: y (2, 3), a (2, 3), b (4,)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(tanh_backward(a, b, a),
                         "tanh_backward: shapes differ: dy (2, 3), input (4,), dx (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(div_backward(a, b, a, a, a),
                         "div_backward: shapes differ: dy (2, 3), y (4,), b (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(sum_axis(a, 2), "shape: axis 2 of shape (2, 3) does not exist",
                         std::invalid_argument);
    CHECK_THROWS_AS(broadcast_to(a, {3}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(broadcast_to(a, {2, 1}),
                         "broadcast_to: (2, 3) cannot be broadcast to (2, 1)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(sum_to(Tensor({3}), {2, 3}), "sum_to: (2, 3) was never broadcast to (3,)",
                         std::invalid_argument);
}

TEST_CASE("operations on rows, tables and heads say what they need") {
    const Tensor a({2, 3});
    CHECK_THROWS_WITH_AS(softmax_forward(Tensor({2, 0})),
                         "softmax: needs at least one number per row, shape is (2, 0)",
                         std::invalid_argument);
    CHECK_THROWS_AS(softmax_forward(Tensor::scalar(1)), std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        layer_norm_forward(a, Tensor({2}), Tensor()),
        "layer_norm: gain (2,) and bias () must have one number per channel of x (2, 3)",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        cross_entropy_forward(a, Tokens({3}, {0, 1, 2})),
        "cross_entropy: 3 targets for logits (2, 3) (one per row of the last axis)",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(cross_entropy_forward(a, Tokens({2}, {0, 3})),
                         "cross_entropy: target 3 is not one of the 3 classes of logits (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(cross_entropy_forward(a, Tokens({2}, {-1, -1})),
                         "cross_entropy: none of the 2 rows has a target", std::invalid_argument);
    CHECK_THROWS_WITH_AS(embedding_forward(a, Tokens({2}, {0, 2})),
                         "embedding: id 2 is outside the table of 2 rows", std::invalid_argument);
    CHECK_THROWS_WITH_AS(embedding_forward(a, Tokens({1}, {-1})),
                         "embedding: id -1 is outside the table of 2 rows", std::invalid_argument);
    CHECK_THROWS_WITH_AS(embedding_forward(Tensor({3}), Tokens({1}, {0})),
                         "embedding: the table must be (V, C), got (3,)", std::invalid_argument);
    CHECK_THROWS_WITH_AS(dropout_forward(a, 1, 0), "dropout: rate 1 is not in [0, 1)",
                         std::invalid_argument);
    CHECK_THROWS_AS(dropout_forward(a, Real(-0.1), 0), std::invalid_argument);
    CHECK_THROWS_AS(dropout_forward(a, Real(NAN), 0), std::invalid_argument);
    CHECK_THROWS_WITH_AS(attention_forward(Tensor({1, 2, 8}), {}),
                         "attention: the last axis of (1, 2, 8) cannot be split into 1 heads of "
                         "queries, 1 of keys and 1 of values",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(attention_forward(Tensor({1, 2, 12}), {.heads = 5}),
                         "attention: the last axis of (1, 2, 12) cannot be split into 5 heads of "
                         "queries, 5 of keys and 5 of values",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(attention_forward(Tensor({1, 2, 12}), {.heads = 0}),
                         "attention: 0 heads cannot share 0 key-value heads",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(attention_forward(Tensor({1, 2, 12}), {.dropout = 1}),
                         "attention: dropout 1 is not in [0, 1)", std::invalid_argument);
}

TEST_CASE("optimisers refuse shapes that differ and steps that do not count from 1") {
    const Tensor a({2, 3}), b({4});
    CHECK_THROWS_WITH_AS(sgd_step(a, b, Tensor(), 1, 0),
                         "sgd_step: gradient (4,) for parameter (2, 3)", std::invalid_argument);
    CHECK_THROWS_WITH_AS(sgd_step(a, a, Tensor(), 1, Real(0.5)),
                         "sgd_step: momentum 0.5 needs a velocity tensor", std::invalid_argument);
    CHECK_THROWS_WITH_AS(adamw_step(a, a, b, a, {.lr = 1}),
                         "adamw_step: shapes differ: w (2, 3), g (2, 3), m (4,), v (2, 3)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(adamw_step(a, a, a, a, {.lr = 1, .step = 0}),
                         "adamw_step: steps are counted from 1, got 0", std::invalid_argument);
    CHECK_THROWS_WITH_AS(lion_step(a, a, b, {.lr = 1}),
                         "lion_step: shapes differ: w (2, 3), g (2, 3), m (4,)",
                         std::invalid_argument);
}
