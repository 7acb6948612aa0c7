// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <cmath>
#include <limits>

#include "autograd/gradient_check.h"
#include "autograd/layer_norm.h"
#include "autograd/matmul.h"
#include "autograd/reduce.h"

namespace gradus::lesson_19 {
namespace {

const BuiltInMatmul products;

using Numbers = std::vector<Real>;

std::size_t count_of(Index n) {
    return static_cast<std::size_t>(n);
}

Numbers mapped(Numbers x, double factor, double offset) {
    for (auto& number : x) number = factor * number + offset;
    return x;
}

struct Normed {
    Numbers y, mean, rstd;
};

// The learner's forward pass. gain has as many numbers as there are columns.
Normed normed(const Numbers& x, const Numbers& gain, const Numbers& bias, double eps) {
    const Index cols = std::ssize(gain), rows = std::ssize(x) / cols;
    Normed done{Numbers(x.size(), 77), Numbers(count_of(rows), 78), Numbers(count_of(rows), 79)};
    part().layer_norm_forward(done.y.data(), done.mean.data(), done.rstd.data(), x.data(),
                              gain.data(), bias.data(), eps, rows, cols);
    return done;
}
Numbers layer_norm_forward(const Numbers& x, const Numbers& gain, const Numbers& bias, double eps) {
    return normed(x, gain, bias, eps).y;
}

// The same by the check's own loops.
Normed normed_by_loops(const Numbers& x, const Numbers& gain, const Numbers& bias, double eps) {
    const Index cols = std::ssize(gain), rows = std::ssize(x) / cols;
    Normed done{Numbers(x.size()), Numbers(count_of(rows)), Numbers(count_of(rows))};
    for (Index r = 0; r < rows; ++r) {
        double variance = 0;
        for (Index c = 0; c < cols; ++c) done.mean[r] += x[r * cols + c] / double(cols);
        for (Index c = 0; c < cols; ++c)
            variance += std::pow(x[r * cols + c] - done.mean[r], 2) / double(cols);
        done.rstd[r] = 1 / std::sqrt(variance + eps);
        for (Index c = 0; c < cols; ++c)
            done.y[r * cols + c] =
                (x[r * cols + c] - done.mean[r]) * done.rstd[r] * gain[c] + bias[c];
    }
    return done;
}

struct Gradients {
    Numbers dx, dgain, dbias;
};
Gradients zeros(Index rows, Index cols) {
    return {Numbers(count_of(rows * cols)), Numbers(count_of(cols)), Numbers(count_of(cols))};
}

// The learner's gradients, with mean and rstd as a right forward pass leaves them. `before` is what
// the gradients hold already.
Gradients gradients(const Numbers& dy, const Numbers& x, const Numbers& gain, double eps,
                    Gradients before) {
    const Index cols = std::ssize(gain), rows = std::ssize(x) / cols;
    const Normed forward = normed_by_loops(x, gain, Numbers(gain.size()), eps);
    part().layer_norm_backward(before.dx.data(), before.dgain.data(), before.dbias.data(),
                               dy.data(), x.data(), forward.mean.data(), forward.rstd.data(),
                               gain.data(), rows, cols);
    return before;
}
// dx of one row, from zeros.
Numbers layer_norm_backward(const Numbers& dy, const Numbers& x, Real mean, Real rstd,
                            const Numbers& gain) {
    Gradients g = zeros(1, std::ssize(gain));
    part().layer_norm_backward(g.dx.data(), g.dgain.data(), g.dbias.data(), dy.data(), x.data(),
                               &mean, &rstd, gain.data(), 1, std::ssize(gain));
    return g.dx;
}

// The same by each single slope: z_i moves with x_j by rstd times (1 if i = j, else 0) less
// (1 + z_i z_j) / cols.
Gradients gradients_by_slopes(const Numbers& dy, const Numbers& x, const Numbers& gain, double eps,
                              Gradients before) {
    const Index cols = std::ssize(gain), rows = std::ssize(x) / cols;
    const Normed unit = normed_by_loops(x, Numbers(gain.size(), 1), Numbers(gain.size(), 0), eps);
    for (Index r = 0; r < rows; ++r)
        for (Index i = 0; i < cols; ++i) {
            const double z = unit.y[r * cols + i], dy_i = dy[r * cols + i];
            before.dgain[i] += dy_i * z;
            before.dbias[i] += dy_i;
            for (Index j = 0; j < cols; ++j) {
                const double both = (1 + z * unit.y[r * cols + j]) / double(cols);
                before.dx[r * cols + j] += dy_i * gain[i] * unit.rstd[r] * ((i == j) - both);
            }
        }
    return before;
}

// x of `residual`, what came out of it, and the gradient of x for a loss in which each result
// counts as much as its number in `weights`.
struct Passed {
    Numbers value, gradient;
};
Passed passed(const std::vector<Sublayer>& sublayers, const Tensor& x, const Numbers& weights) {
    const Variable in = parameter(x.clone()), out = part().residual(sublayers, in);
    Passed done{out.value().to_vector(), Numbers(count_of(x.count()))};
    if (!out.requires_grad() || out.shape() != x.shape()) return done;
    sum(out * Variable(Tensor::from(x.shape(), weights))).backward();
    done.gradient = in.grad().to_vector();
    return done;
}

Variable twice(const Variable& x) {
    return x * Real(2);
}
Variable squared(const Variable& x) {
    return x * x;
}
Variable nothing(const Variable& x) {
    return x * Real(0);
}

// No two sizes are equal or neighbours. Row 1 lies closer together than eps. Row 2 lies around 1e8:
// the mean of the squares less the square of the mean is exactly 0 there, in whatever order it is
// summed, where the variance is 0.25.
constexpr Index kRows = 3, kCols = 8;
const Numbers kLarge = {100000000.5, 99999999.5,  99999999.5, 100000000.5,
                        100000000.5, 100000000.5, 99999999.5, 99999999.5};

Normed printed_forward() {
    Numbers x = mapped(normal_numbers(1, kCols), 2, 0.75),
            close_together = mapped(normal_numbers(46, kCols), 0.05, -1.5);
    x.insert(x.end(), close_together.begin(), close_together.end());
    x.insert(x.end(), kLarge.begin(), kLarge.end());
    Normed done{with_room(Numbers(count_of(kRows * kCols), 7)),
                with_room(Numbers(count_of(kRows), 8)), with_room(Numbers(count_of(kRows), 9))};
    part().layer_norm_forward(done.y.data(), done.mean.data(), done.rstd.data(),
                              with_room(x).data(), with_room(normal_numbers(2, kCols)).data(),
                              with_room(normal_numbers(3, kCols)).data(), 0.25, kRows, kCols);
    return done;
}
const Fingerprint y_print("layer_norm_forward", [] { return printed_forward().y; });
const Fingerprint mean_print("layer_norm_forward", [] { return printed_forward().mean; });
const Fingerprint rstd_print("layer_norm_forward", [] { return printed_forward().rstd; });

// dx, dgain and dbias are looked at one by one: two mistakes, one in each, are both told.
Gradients printed_backward() {
    const Numbers x = mapped(normal_numbers(4, kRows * kCols), 2, 0.75),
                  gain = normal_numbers(5, kCols);
    const Normed forward = normed_by_loops(x, gain, Numbers(count_of(kCols)), 0.25);
    Gradients g{with_room(normal_numbers(6, kRows * kCols)), with_room(normal_numbers(7, kCols)),
                with_room(normal_numbers(8, kCols))};
    part().layer_norm_backward(g.dx.data(), g.dgain.data(), g.dbias.data(),
                               with_room(normal_numbers(9, kRows * kCols)).data(),
                               with_room(x).data(), with_room(forward.mean).data(),
                               with_room(forward.rstd).data(), with_room(gain).data(), kRows,
                               kCols);
    return g;
}
const Fingerprint dx_print("layer_norm_backward", [] { return printed_backward().dx; });
const Fingerprint dgain_print("layer_norm_backward", [] { return printed_backward().dgain; });
const Fingerprint dbias_print("layer_norm_backward", [] { return printed_backward().dbias; });

// Sublayers whose order counts; the last has a parameter, whose gradient is looked at, too.
struct PrintedResidual {
    Passed passed;
    Numbers parameter_gradient;
};
PrintedResidual printed_residual() {
    const Tensor x = Tensor::from({3, 5}, normal_numbers(10, 15));
    const Variable w = parameter(Tensor::from({5}, normal_numbers(11, 5)));
    const std::vector<Sublayer> sublayers = {[](const Variable& v) { return tanh(v) * Real(2); },
                                             squared, [&](const Variable& v) { return v * w; }};
    PrintedResidual print{passed(sublayers, x, normal_numbers(12, 15)), {}};
    print.parameter_gradient = w.grad().to_vector();
    return print;
}
const Fingerprint residual_print("residual", [] { return printed_residual().passed.value; });
const Fingerprint gradient_print("residual", [] {
    PrintedResidual print = printed_residual();
    Numbers& all = print.passed.gradient;
    all.insert(all.end(), print.parameter_gradient.begin(), print.parameter_gradient.end());
    return all;
});

}  // namespace

TEST_CASE("layer_norm_forward: the row from the text") {
    const Normed done = normed({11, 9, 17, 3}, {5, 2, 1, 3}, {0, 1, 2, -1}, 0);
    CHECK(named({"the mean"}, same(done.mean, {10})));
    CHECK(named({"rstd"}, same(done.rstd, {0.2})));
    CHECK(same(layer_norm_forward({11, 9, 17, 3}, {5, 2, 1, 3}, {0, 1, 2, -1}, 0),
               {1, 0.6, 3.4, -5.2}));
}

TEST_CASE("layer_norm_forward: two rows, each with its own mean and its own spread") {
    const Normed done = normed({11, 9, 17, 3, 1, -1, 7, -7}, {1, 1, 1, 1}, {0, 0, 0, 0}, 0);
    CHECK(named({"the mean of row 0", "the mean of row 1"}, same(done.mean, {10, 0})));
    CHECK(named({"rstd of row 0", "rstd of row 1"}, same(done.rstd, {0.2, 0.2})));
    CHECK(same(done.y, {0.2, -0.2, 1.4, -1.4, 0.2, -0.2, 1.4, -1.4}, {2, 4}));
    const Normed other = normed({0, 3, 30, 10, -5, -5}, {1, 1}, {0, 0}, 0.75);
    CHECK(named({"the mean of row 0", "the mean of row 1", "the mean of row 2"},
                same(other.mean, {1.5, 20, -5})));
}

TEST_CASE("layer_norm_forward: eps is added to the variance, under the root, in y and in rstd") {
    CHECK(same(layer_norm_forward({1, 3}, {1, 1}, {0, 0}, 3), {-0.5, 0.5}));
    CHECK(named({"rstd"}, same(normed({1, 3}, {1, 1}, {0, 0}, 3).rstd, {0.5})));
    CHECK(same(layer_norm_forward({0, 6, 0, 6}, {2, 2, 2, 2}, {1, 1, 1, 1}, 7),
               {-0.5, 2.5, -0.5, 2.5}));
}

TEST_CASE("layer_norm_forward: a row of equal numbers becomes the bias, and so does a single one") {
    const Normed done = normed({7, 7, 7}, {1, 2, 3}, {4, 5, 6}, 0.0001);
    CHECK(named({"rstd"}, same(done.rstd, {100})));
    CHECK(same(layer_norm_forward({7, 7, 7}, {1, 2, 3}, {4, 5, 6}, 0.0001), {4, 5, 6}));
    CHECK(same(layer_norm_forward({-3, 8}, {5}, {9}, 0.01), {9, 9}));
}

TEST_CASE("layer_norm_forward: where the numbers are large and lie close together") {
    CHECK(
        same(layer_norm_forward({100000000.5, 99999999.5}, {1, 1}, {0, 0}, 0), {1, -1}, {}, 1e-6));
    const Numbers ones(8, 1), none(8, 0);
    CHECK(named({"y"},
                same(normed(kLarge, ones, none, 0).y, {1, -1, -1, 1, 1, 1, -1, -1}, {}, 1e-6)));
    CHECK(same(layer_norm_forward({1e60, -1e60}, {1, 1}, {0, 0}, 1e-5), {1, -1}));
}

TEST_CASE("layer_norm_forward: (y - bias) / gain has the mean 0 and the variance 1 in each row") {
    const Numbers gain = mapped(normal_numbers(13, 7), 0.25, 2), bias = normal_numbers(14, 7),
                  x = mapped(normal_numbers(15, 5 * 7), 30, -12);
    const Normed done = normed(x, gain, bias, 0);
    for (Index r = 0; r < 5; ++r) {
        CAPTURE(r);
        double mean = 0, variance = 0;
        for (Index c = 0; c < 7; ++c) {
            const double z = (done.y[r * 7 + c] - bias[c]) / gain[c];
            mean += z / 7, variance += z * z / 7;
        }
        CHECK(same(mean, 0));
        CHECK(same(variance, 1));
    }
}

TEST_CASE("layer_norm_forward: a x + b gives what x gives, for a factor a > 0 and any b") {
    const Numbers gain = normal_numbers(16, 6), bias = normal_numbers(17, 6),
                  x = normal_numbers(18, 4 * 6);
    const Normed done = normed(x, gain, bias, 0), other = normed(mapped(x, 50, -8), gain, bias, 0);
    CHECK(named({"y"}, same(other.y, done.y, {4, 6})));
    CHECK(named({"the mean"}, same(other.mean, mapped(done.mean, 50, -8))));
    CHECK(named({"rstd"}, same(other.rstd, mapped(done.rstd, 0.02, 0))));
}

TEST_CASE("layer_norm_forward: any number of rows and columns") {
    for (const Index rows : {1, 2, 5, 12})
        for (const Index cols : {1, 3, 8, 33}) {
            CAPTURE(rows);
            CAPTURE(cols);
            const Numbers x = mapped(normal_numbers(19, rows * cols), 3, 2),
                          gain = normal_numbers(20, cols), bias = normal_numbers(21, cols);
            const Normed done = normed(x, gain, bias, 1e-5),
                         expected = normed_by_loops(x, gain, bias, 1e-5);
            CHECK(named({"the mean"}, same(done.mean, expected.mean)));
            CHECK(named({"rstd"}, same(done.rstd, expected.rstd)));
            CHECK(named({"y"}, same(done.y, expected.y, {rows, cols})));
        }
}

TEST_CASE("layer_norm_backward: where only the first result matters, dx from the text") {
    CHECK(same(layer_norm_backward({1, 0, 0, 0}, {11, 9, 17, 3}, 10, 0.2, {5, 2, 1, 3}),
               {0.74, -0.24, -0.32, -0.18}));
}

TEST_CASE("layer_norm_backward: the whole dy from the text") {
    const Gradients yours = gradients({1, 2, 4, 0}, {11, 9, 17, 3}, {5, 2, 1, 3}, 0, zeros(1, 4));
    CHECK(same(yours.dbias, {1, 2, 4, 0}));
    CHECK(same(yours.dgain, {0.2, -0.4, 5.6, 0}));
    CHECK(same(layer_norm_backward({1, 2, 4, 0}, {11, 9, 17, 3}, 10, 0.2, {5, 2, 1, 3}),
               {0.292, 0.208, -0.256, -0.244}));
}

TEST_CASE("layer_norm_backward: adds to what dx, dgain and dbias hold, and the rows add up") {
    const Gradients yours =
        gradients({1, 2, 4, 0, 1, 0, 0, 0}, {11, 9, 17, 3, 1, -1, 7, -7}, {5, 2, 1, 3}, 0,
                  {{100, 200, 300, 400, 500, 600, 700, 800}, {10, 20, 30, 40}, {50, 60, 70, 80}});
    CHECK(same(yours.dbias, {52, 62, 74, 80}));
    CHECK(same(yours.dgain, {10.4, 19.6, 35.6, 40}));
    CHECK(same(yours.dx, {100.292, 200.208, 299.744, 399.756, 500.74, 599.76, 699.68, 799.82},
               {2, 4}));
}

TEST_CASE("layer_norm_backward: rstd is taken as it is, with the eps of the forward pass") {
    CHECK(same(layer_norm_backward({1, 0}, {1, 3}, 2, 0.5, {1, 1}), {0.1875, -0.1875}));
}

TEST_CASE("layer_norm_backward: a single column hands nothing on, for its y is always the bias") {
    const Gradients yours = gradients({3, -2}, {5, 8}, {7}, 0.01, {{1, 2}, {3}, {4}});
    CHECK(same(yours.dx, {1, 2}, {2, 1}));
    CHECK(same(yours.dgain, {3}));
    CHECK(same(yours.dbias, {5}));
}

TEST_CASE("layer_norm_backward: each row of dx has the mean 0 and is at right angles to z") {
    const Numbers x = mapped(normal_numbers(22, 4 * 7), 3, 5), dy = normal_numbers(23, 4 * 7),
                  gain = normal_numbers(24, 7);
    const Normed unit = normed_by_loops(x, Numbers(7, 1), Numbers(7, 0), 0);
    const Gradients yours = gradients(dy, x, gain, 0, zeros(4, 7));
    for (Index r = 0; r < 4; ++r) {
        CAPTURE(r);
        double mean = 0, with_z = 0;
        for (Index c = 0; c < 7; ++c) {
            mean += yours.dx[r * 7 + c] / 7;
            with_z += yours.dx[r * 7 + c] * unit.y[r * 7 + c];
        }
        CHECK(named({"the mean of dx"}, same(mean, 0)));
        CHECK(named({"dx times z, added up"}, same(with_z, 0)));
    }
}

TEST_CASE("layer_norm_backward: the slopes that finite differences find, for x, gain and bias") {
    for (const Index rows : {1, 2, 5})
        for (const Index cols : {1, 3, 8}) {
            CAPTURE(rows);
            CAPTURE(cols);
            const Numbers x = mapped(normal_numbers(25, rows * cols), 2, -1),
                          dy = normal_numbers(26, rows * cols), gain = normal_numbers(27, cols),
                          bias = normal_numbers(28, cols);
            const Gradients before{normal_numbers(29, rows * cols), normal_numbers(30, cols),
                                   normal_numbers(31, cols)};
            const Loss of_x = [&](const Numbers& at) {
                return dot(normed_by_loops(at, gain, bias, 0.1).y, dy);
            };
            const Loss of_gain = [&](const Numbers& at) {
                return dot(normed_by_loops(x, at, bias, 0.1).y, dy);
            };
            const Loss of_bias = [&](const Numbers& at) {
                return dot(normed_by_loops(x, gain, at, 0.1).y, dy);
            };
            const Gradients yours = gradients(dy, x, gain, 0.1, before);
            CHECK(same(yours.dbias, plus(before.dbias, differences(of_bias, bias)), {}, 1e-7));
            CHECK(same(yours.dgain, plus(before.dgain, differences(of_gain, gain)), {}, 1e-7));
            CHECK(same(yours.dx, plus(before.dx, differences(of_x, x)), {rows, cols}, 1e-7));
        }
}

TEST_CASE(
    "layer_norm_backward: inside the library, with and without a bias, all slopes are right") {
    const Tensor x = Tensor::from({2, 3, 5}, normal_numbers(32, 30)),
                 gain = Tensor::from({5}, normal_numbers(33, 5)),
                 bias = Tensor::from({5}, normal_numbers(34, 5));
    const GradientCheck with =
        gradient_check([](const std::vector<Variable>& v) { return layer_norm(v[0], v[1], v[2]); },
                       {x, gain, bias});
    CAPTURE(with.message);
    CHECK(with.ok);
    const GradientCheck without = gradient_check(
        [](const std::vector<Variable>& v) { return layer_norm(v[0], v[1], Variable()); },
        {x, gain});
    CAPTURE(without.message);
    CHECK(without.ok);
}

TEST_CASE("layer_norm_backward: many rows, against the sum over every single slope") {
    for (const Index cols : {4, 11, 32}) {
        CAPTURE(cols);
        const Index rows = 19;
        const Numbers x = mapped(normal_numbers(35, rows * cols), 4, 3),
                      dy = normal_numbers(36, rows * cols), gain = normal_numbers(37, cols);
        const Gradients before{normal_numbers(38, rows * cols), normal_numbers(39, cols),
                               normal_numbers(40, cols)};
        const Gradients yours = gradients(dy, x, gain, 1e-5, before),
                        expected = gradients_by_slopes(dy, x, gain, 1e-5, before);
        CHECK(same(yours.dbias, expected.dbias));
        CHECK(same(yours.dgain, expected.dgain));
        CHECK(same(yours.dx, expected.dx, {rows, cols}));
    }
}

TEST_CASE("residual: one sublayer, and then the two from the text") {
    const Tensor x = Tensor::from({2}, {1, -2});
    CHECK(named({"number 0 of the result", "number 1 of the result"},
                same(passed({twice}, x, {1, 1}).value, {3, -6})));
    CHECK(named({"number 0 of the result", "number 1 of the result"},
                same(passed({twice, squared}, x, {1, 1}).value, {12, 30})));
}

TEST_CASE("residual: the gradient from the text") {
    CHECK(named(
        {"number 0 of the gradient of x", "number 1 of the gradient of x"},
        same(passed({twice, squared}, Tensor::from({2}, {1, -2}), {1, 1}).gradient, {21, -33})));
}

TEST_CASE("residual: without sublayers, x comes out; and sublayers that give 0 change nothing") {
    const Tensor x = Tensor::from({2, 3}, {1, -2, 3, 40, 5, -6});
    const Numbers weights = {7, 8, -9, 10, 11, 12};
    for (const std::size_t n : {0, 1, 32}) {
        CAPTURE(n);
        const Passed done = passed(std::vector<Sublayer>(n, nothing), x, weights);
        CHECK(named({"the result"}, same(done.value, x.to_vector(), {2, 3}, 0)));
        CHECK(named({"the gradient of x"}, same(done.gradient, weights, {2, 3}, 0)));
    }
}

TEST_CASE("residual: calls each sublayer once, in order, and leaves x as it is") {
    std::vector<Real> called;
    std::vector<Sublayer> sublayers;
    for (const Real number : {0, 1, 2, 3})
        sublayers.push_back([&called, number](const Variable& x) {
            called.push_back(number);
            return x * number;
        });
    const Variable x = parameter(Tensor::from({3}, {5, 6, -7}));
    const Variable y = part().residual(sublayers, x);
    CHECK(same(called, {0, 1, 2, 3}));
    CHECK(named({"the result"}, same(y.value().to_vector(), {120, 144, -168})));
    CHECK(named({"x after the call"}, same(x.value().to_vector(), {5, 6, -7})));
}

TEST_CASE("residual: the gradients that finite differences find, for x and what is in a sublayer") {
    const auto stack = [](const std::vector<Variable>& v) {
        const Variable none;
        return part().residual({[&](const Variable& x) { return tanh(matmul(x, v[1])); },
                                [&](const Variable& x) { return layer_norm(x, v[2], none); },
                                [&](const Variable& x) { return gelu(matmul(x, v[1])); }},
                               v[0]);
    };
    const GradientCheck result =
        gradient_check(stack, {Tensor::from({2, 3, 5}, normal_numbers(41, 30)),
                               Tensor::from({5, 5}, normal_numbers(42, 25)),
                               Tensor::from({5}, normal_numbers(43, 5))});
    CAPTURE(result.message);
    CHECK(result.ok);
}

TEST_CASE("residual: any number of sublayers") {
    for (const Index n : {1, 2, 3, 9}) {
        CAPTURE(n);
        const Numbers x = normal_numbers(44, 4 * 7), weights = normal_numbers(45, 4 * 7);
        std::vector<Sublayer> sublayers;
        Numbers value = x, slope(x.size(), 1);
        for (Index i = 0; i < n; ++i) {
            const Real factor = Real(0.75) + Real(0.25) * static_cast<Real>(i);
            sublayers.push_back([factor](const Variable& v) { return tanh(v * factor); });
            for (std::size_t k = 0; k < x.size(); ++k) {
                const double t = std::tanh(factor * value[k]);
                value[k] += t, slope[k] *= 1 + factor * (1 - t * t);
            }
        }
        for (std::size_t k = 0; k < x.size(); ++k) slope[k] *= weights[k];
        const Passed done = passed(sublayers, Tensor::from({4, 7}, x), weights);
        CHECK(named({"the result"}, same(done.value, value, {4, 7})));
        CHECK(named({"the gradient of x"}, same(done.gradient, slope, {4, 7})));
    }
}

}  // namespace gradus::lesson_19
