// SPDX-License-Identifier: MIT
// Permuting, slicing, joining, rotating and sliding windows: known answers, inverses, error texts.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "tensor/convolution.h"
#include "tensor/elementwise.h"
#include "tensor/matmul.h"
#include "tensor/ops.h"
#include "tensor/rms_norm.h"
#include "tensor/rotary.h"
#include "tensor/strided.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "";
}

double dot(const Tensor& x, Index at, const Tensor& y, Index other, Index n) {
    double sum = 0;
    for (Index i = 0; i < n; ++i)
        sum += static_cast<double>(x[at + i]) * static_cast<double>(y[other + i]);
    return sum;
}

}  // namespace

TEST_CASE("permute exchanges axes, and its inverse brings them back") {
    const Tensor x = uniform({2, 3, 5}, 1);
    const Tensor y = permute_forward(x, {2, 0, 1});
    CHECK(y.shape() == Shape{5, 2, 3});
    for (Index a = 0; a < 2; ++a)
        for (Index b = 0; b < 3; ++b)
            for (Index c = 0; c < 5; ++c) CHECK(y.at(c, a, b) == x.at(a, b, c));
    CHECK(same_bits(permute_forward(y, {1, 2, 0}), x));
    CHECK(same_bits(permute_forward(x, {0, 2, 1}), transpose_forward(x)));
    CHECK(permute_forward(Tensor({2, 0, 3}), {2, 1, 0}).shape() == Shape{3, 0, 2});
    CHECK(permute_forward(Tensor::scalar(4), {}).item() == 4);
    CHECK(error_of([&] {
              permute_forward(x, {0, 1, 1});
          }) == "permute: axis 1 of (2, 3, 5) is listed twice");
    CHECK(error_of([&] { permute_forward(x, {0, 1}); }) == "permute: 2 axes listed for (2, 3, 5)");
}

TEST_CASE("what is sliced along an axis and joined again is what it was") {
    const Tensor x = uniform({3, 4, 5}, 2);
    for (int axis = -3; axis < 3; ++axis) {
        CAPTURE(axis);
        const Index n = x.size(axis);
        const Tensor a = slice_forward(x, axis, 0, 1), b = slice_forward(x, axis, 1, 1),
                     c = slice_forward(x, axis, 1, n);
        CHECK(b.count() == 0);
        CHECK(same_bits(concat_forward({a, b, c}, axis), x));
    }
    CHECK(slice_forward(x, 1, 2, 3).at(1, 0, 4) == x.at(1, 2, 4));
    CHECK(error_of([&] { slice_forward(x, 1, 3, 5); }) ==
          "slice: [3, 5) is not within axis 1 of (3, 4, 5)");
    CHECK(error_of([&] {
              concat_forward({x, Tensor({3, 4, 6})}, 1);
          }) == "concat: parts (3, 4, 5) and (3, 4, 6) differ beyond axis 1");
    CHECK(error_of([] { concat_forward({}, 0); }) ==
          "concat: needs at least one part with an axis");
}

TEST_CASE("rotary tables hold the cosines and sines of their angles, whatever the C library says") {
    for (const double base : {10000.0, 500000.0, 1.5}) {
        const RotaryTable table = rotary_table(3000, 16, base);
        for (const Index t : {0, 1, 2, 17, 1000, 2999})
            for (Index i = 0; i < 8; ++i) {
                const double angle =
                    static_cast<double>(t) * std::pow(base, -static_cast<double>(i) / 8);
                CHECK(std::abs(static_cast<double>(table.cosine.at(t, i)) - std::cos(angle)) <
                      (kDouble ? 1e-11 : 1e-7));
                CHECK(std::abs(static_cast<double>(table.sine.at(t, i)) - std::sin(angle)) <
                      (kDouble ? 1e-11 : 1e-7));
            }
    }
    // Pinned: the first angles of position 1, to the last digit of a float.
    const RotaryTable table = rotary_table(2, 8);
    CHECK(static_cast<float>(table.cosine.at(1, 0)) == 0.540302306f);
    CHECK(static_cast<float>(table.sine.at(1, 1)) == 0.0998334166f);
    CHECK(static_cast<float>(table.sine.at(1, 3)) == 0.000999999833f);
}

TEST_CASE("after rotary, a product of query and key depends on their distance alone") {
    const Index T = 40, size = 12;
    const RotaryTable table = rotary_table(T, 8);
    const Tensor one = uniform({1, 1, size}, 3), other = uniform({1, 1, size}, 4);
    for (const RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::adjacent}) {
        const auto at = [&](const Tensor& x, Index position) {
            return rotary_forward(x, table, {.size = size, .pairs = pairs, .offsets = {position}});
        };
        const double near = dot(at(one, 7), 0, at(other, 3), 0, size);
        CHECK(near == doctest::Approx(dot(at(one, 39), 0, at(other, 35), 0, size)).epsilon(1e-4));
        CHECK(near != doctest::Approx(dot(at(one, 7), 0, at(other, 4), 0, size)).epsilon(1e-4));
        CHECK(same_bits(at(one, 0), one));
        for (Index i = 8; i < size; ++i) CHECK(at(one, 5)[i] == one[i]);
    }
    CHECK(error_of([&] { rotary_forward(one, table, {.size = 5}); }) ==
          "rotary: needs (B, T, vectors of 5 numbers), got (1, 1, 12)");
    CHECK(error_of([&] { rotary_forward(one, table, {.size = 12, .offsets = {40}}); }) ==
          "rotary: position 40 is beyond the table of 40");
    CHECK(error_of([&] { rotary_forward(one, table, {.size = 6}); }) ==
          "rotary: a table for 8 numbers, and vectors of 6");
    CHECK(error_of([] { rotary_table(3, 7); }) ==
          "rotary: 3 positions of 7 numbers, which must be even");
    CHECK(error_of([] { rotary_table(3, 8, 1); }) == "rotary: base 1, must be above 1");
}

TEST_CASE("unfold lists the pixels of each window, and zeros for padding") {
    Tensor x({1, 2, 3, 1});
    for (Index i = 0; i < 6; ++i) x[i] = static_cast<Real>(i + 1);
    const Tensor y = unfold_forward(x, {.rows = 2, .columns = 2, .pad_columns = 1});
    CHECK(y.shape() == Shape{1, 1, 4, 4});
    CHECK(y.to_vector() == std::vector<Real>{0, 1, 0, 4, 1, 2, 4, 5, 2, 3, 5, 6, 3, 0, 6, 0});
    const Tensor wide = unfold_forward(x, {.columns = 2, .dilation = 2});
    CHECK(wide.to_vector() == std::vector<Real>{1, 3, 4, 6});
    CHECK(unfold_forward(x, {.stride = 2}).to_vector() == std::vector<Real>{1, 3});
    CHECK(error_of([&] { unfold_forward(x, {.rows = 3}); }) ==
          "unfold: no window of 3 x 1 fits into images (1, 2, 3, 1)");
    CHECK(error_of([&] { unfold_forward(x, {.stride = 0}); }) ==
          "unfold: window 1 x 1, stride 0 and dilation 1 must all be at least 1");
    CHECK(error_of([] {
              unfold_forward(Tensor({2, 3, 1}), {});
          }) == "unfold: images must be (B, H, W, C), got (2, 3, 1)");
}

TEST_CASE("max_pool keeps the largest, the first of equals, and every NaN") {
    Tensor x = Tensor::from({1, 1, 4, 1}, {3, 5, 5, 1});
    const MaxPoolForward f = max_pool_forward(x, {.columns = 2, .pad_columns = 0});
    CHECK(f.y.to_vector() == std::vector<Real>{5, 5, 5});
    CHECK(f.winner == std::vector<Index>{1, 1, 2});
    const Tensor dx(x.shape());
    max_pool_backward(Tensor::from({1, 1, 3, 1}, {1, 10, 100}), f, {.columns = 2}, dx);
    CHECK(dx.to_vector() == std::vector<Real>{0, 11, 100, 0});
    x[0] = -7, x[1] = -8;  // padding is not 0 here
    CHECK(max_pool_forward(x, {.columns = 3, .pad_columns = 1}).y[0] == -7);
    x[2] = std::numeric_limits<Real>::quiet_NaN();
    const Tensor y = max_pool_forward(x, {.columns = 2}).y;
    CHECK(y[0] == -7);
    CHECK(std::isnan(y[1]));
    CHECK(std::isnan(y[2]));
    CHECK(error_of([&] { max_pool_forward(x, {.columns = 2, .pad_columns = 1}); }) ==
          "max_pool: padding 0 and 1 is more than half of the window 1 x 2");
}

TEST_CASE("silu, gelu with erf and rms_norm have the values of their definitions") {
    const Tensor x = Tensor::from({-3, -1, 0, 1, 3});
    const Tensor silu = silu_forward(x), gelu = gelu_erf_forward(x);
    for (Index i = 0; i < 5; ++i) {
        const auto v = static_cast<double>(x[i]);
        CHECK(static_cast<double>(silu[i]) == doctest::Approx(v / (1 + std::exp(-v))));
        CHECK(static_cast<double>(gelu[i]) ==
              doctest::Approx(v * std::erfc(-v / std::numbers::sqrt2) / 2));
    }
    const Tensor y = rms_norm_forward(Tensor::from({1, 2}, {3, 4}), Tensor::from({1, 2}), 0).y;
    CHECK(static_cast<double>(y[0]) == doctest::Approx(3 / std::sqrt(12.5)));
    CHECK(static_cast<double>(y[1]) == doctest::Approx(8 / std::sqrt(12.5)));
    CHECK(error_of([&] { rms_norm_forward(x, Tensor({4}), 0); }) ==
          "rms_norm: gain (4,) must have one number per channel of x (5,)");
    CHECK(error_of([&] { rms_norm_forward(x, Tensor({5}), -1); }) ==
          "rms_norm: eps -1, must be 0 or above");
}
