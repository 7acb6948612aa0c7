// SPDX-License-Identifier: MIT
// 8-bit weights: how far they are from the numbers they represent, block by block, and how much a
// product changes.
#include "tensor/int8_block.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/embedding.h"
#include "tensor/matmul.h"
#include "tensor/stored_weight.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

StoredWeight quantised(const Tensor& w) {
    return store(w, WeightFormat::int8, WeightLayout::out_in);
}

const std::int8_t* int8_of(const StoredWeight& w) {
    return reinterpret_cast<const std::int8_t*>(w.data());
}

// Numbers whose magnitude differs a thousandfold from block to block.
Tensor uneven(const Shape& shape, std::uint64_t seed) {
    const Tensor w = Tensor::normal(shape, 1, seed);
    for (Index i = 0; i < w.count(); ++i)
        w[i] *= std::pow(Real(10), static_cast<Real>(i % shape[1] / kInt8Block % 4 - 2));
    return w;
}

// The largest |x| in the block of `row` that element k is in.
double block_largest(const Real* row, Index K, Index k) {
    const Index first = k / kInt8Block * kInt8Block;
    double largest = 0;
    for (Index i = first; i < std::min(K, first + kInt8Block); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(row[i])));
    return largest;
}

}  // namespace

TEST_CASE("every weight is off by at most half a step, and some by nearly that") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        for (const Index K : {1, 5, 128, 129, 300, 512}) {
            CAPTURE(K);
            const Tensor w = uneven({7, K}, 1), back = values_of(quantised(w));
            double worst = 0;  // in steps
            for (Index i = 0; i < w.count(); ++i) {
                const double step = block_largest(w.data() + i / K * K, K, i % K) / 127;
                worst = std::max(worst, std::abs(static_cast<double>(w[i] - back[i])) / step);
            }
            CHECK(worst <= 0.5 + 127 * 2 * kEps);
            if (K > 100) CHECK(worst > 0.4);  // otherwise the bound would prove nothing
        }
    }
}

TEST_CASE("a large weight makes steps coarse in its own block and row only") {
    const Tensor w = Tensor::normal({2, 2 * kInt8Block}, Real(0.01), 3);
    const Tensor before = values_of(quantised(w));
    w[5] = 10;
    const Tensor after = values_of(quantised(w));
    for (Index i = kInt8Block; i < w.count(); ++i) CHECK(after[i] == before[i]);
    CHECK(after[5] == doctest::Approx(10));
    CHECK(after[6] == 0);
    CHECK(before[6] != 0);
}

TEST_CASE("known answers: the largest becomes 127, halves round away from zero, zeros stay zeros") {
    const Tensor w = Tensor::matrix({{127, -127, 2.5, -2.5, 2.25, 0}, {0, 0, 0, 0, 0, 0}});
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        const StoredWeight m = quantised(w);
        const std::int8_t* q = int8_of(m);
        const int expected[] = {127, -127, 3, -3, 2, 0};
        for (int i = 0; i < 6; ++i) CHECK(q[i] == expected[i]);
        for (Index i = 6; i < 2 * 16; ++i) CHECK(q[i] == 0);
        CHECK(m.scale[0] == 1);
        CHECK(m.scale[1] == 0);
        CHECK(m.bytes() == 2 * (16 + static_cast<Index>(sizeof(Real))));
        // Too small for a step of full precision: zeros, and no number outside -127 .. 127.
        const Real tiny = std::numeric_limits<Real>::denorm_min() * 190;
        const StoredWeight none = quantised(Tensor::full({1, 3}, tiny));
        CHECK(none.scale[0] == 0);
        CHECK(int8_of(none)[0] == 0);
    }
}

TEST_CASE("a product with 8-bit weights is the product with what they represent, x in 16 bits") {
    const SavedSettings saved;
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        for (const Index K : {3, 96, 128, 300}) {
            const Index M = 6, N = 9;
            CAPTURE(K);
            const Tensor x = uneven({M, K}, 4), w = Tensor::normal({N, K}, 1, 5);
            const StoredWeight small = quantised(w);
            const Tensor y = matmul_forward(x, small), back = values_of(small);
            REQUIRE(y.shape() == Shape({M, N}));
            double worst = 0;
            for (Index m = 0; m < M; ++m) {
                for (Index n = 0; n < N; ++n) {
                    double exact = 0, allowed = 0, size = 0;
                    for (Index k = 0; k < K; ++k) {
                        const double weight = static_cast<double>(back.at(n, k));
                        exact += static_cast<double>(x.at(m, k)) * weight;
                        size += std::abs(static_cast<double>(x.at(m, k)) * weight);
                        allowed +=
                            std::abs(weight) * block_largest(x.data() + m * K, K, k) / 32767 / 2;
                    }
                    const double error = std::abs(static_cast<double>(y.at(m, n)) - exact);
                    worst = std::max(worst, error / (allowed + 16 * kEps * size));
                }
            }
            CHECK(worst <= 1);
        }
    }
}

TEST_CASE("rounding 96 normally distributed weights costs a product half a percent of its size") {
    const Index K = 96, N = 200;
    const Tensor x = Tensor::normal({1, K}, 1, 6), w = Tensor::normal({N, K}, 1, 7);
    const Tensor exact = matmul_forward(x, w, Transpose::yes), y = matmul_forward(x, quantised(w));
    double error = 0, size = 0;
    for (Index n = 0; n < N; ++n) {
        error += std::pow(static_cast<double>(y[n] - exact[n]), 2);
        size += std::pow(static_cast<double>(exact[n]), 2);
    }
    // A step is 2.7 / 127 standard deviations, and rounding errors have a standard deviation of
    // step / sqrt(12).
    CHECK(std::sqrt(error / size) == doctest::Approx(2.7 / 127 / std::sqrt(12.0)).epsilon(0.2));
}

TEST_CASE("a number that is not finite comes out as NaN, in its own row only") {
    const SavedSettings saved;
    const StoredWeight w = quantised(Tensor::normal({5, 130}, 1, 8));
    for (const auto& set : isa_names()) {
        use_isa(set);
        CAPTURE(set);
        for (const double bad : {std::nan(""), static_cast<double>(INFINITY)}) {
            const Tensor x = Tensor::normal({2, 130}, 1, 9);
            x[129] = static_cast<Real>(bad);
            const Tensor y = matmul_forward(x, w);
            for (Index n = 0; n < 5; ++n) {
                CHECK(std::isnan(y[n]));
                CHECK(std::isfinite(y[5 + n]));
            }
        }
    }
}

TEST_CASE("rows by index are the rows that the matrix represents") {
    const StoredWeight table = quantised(Tensor::normal({6, 200}, 1, 10));
    const Tokens ids({2, 2}, {5, 0, 5, 3});
    const Tensor rows = embedding_forward(table, ids);
    const Tensor expected = embedding_forward(values_of(table), ids);
    REQUIRE(rows.shape() == Shape({2, 2, 200}));
    for (Index i = 0; i < rows.count(); ++i) CHECK(rows[i] == expected[i]);
    CHECK_THROWS_WITH_AS(embedding_forward(table, Tokens({1}, {6})),
                         "embedding: id 6 is outside the table of 6 rows", std::invalid_argument);
}
