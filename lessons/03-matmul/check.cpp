// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <limits>

namespace gradus::lesson_03 {
namespace {

using Numbers = std::vector<Real>;

Numbers matmul(const Numbers& a, const Numbers& b, Index M, Index N, Index K) {
    Numbers c(static_cast<std::size_t>(M * N), 77);
    part().matmul(c.data(), a.data(), b.data(), M, N, K);
    return c;
}

Numbers sum(const Numbers& x, Index outer, Index n, Index inner) {
    Numbers y(static_cast<std::size_t>(outer * inner), 77);
    part().sum_forward(y.data(), x.data(), outer, n, inner);
    return y;
}

Numbers softmax(const Numbers& x, Index rows, Index cols) {
    Numbers y(x.size(), 77);
    part().softmax_forward(y.data(), x.data(), rows, cols);
    return y;
}

const Fingerprint matmul_print("matmul", [] {
    // No two sizes are neighbours: k < N is not the loop that goes one too far.
    Numbers c = with_room(Numbers(14, 0.5));
    part().matmul(c.data(), with_room(normal_numbers(1, 8)).data(),
                  with_room(normal_numbers(2, 28)).data(), 2, 7, 4);
    return c;
});
const Fingerprint sum_print("sum_forward", [] {
    Numbers y = with_room(Numbers(14, 77));
    part().sum_forward(y.data(), with_room(normal_numbers(3, 56)).data(), 2, 4, 7);
    return y;
});
const Fingerprint softmax_print("softmax_forward", [] {
    // Rows for which it matters from where the largest score was taken: another row, another column,
    // the whole matrix, or nowhere.
    Numbers all;
    for (const Numbers& x : {Numbers{1, 2, 3, 1000, 1001, 999, -1000, -1001, -999},
                             {1000, 1001, 1002, 1002, 1001, 1000, 1003, 1002, 1001},
                             {800, 0, 1, 0, 800, 1, 0, 1, 800},
                             {-1000, -1001, -999, -1001, -1000, -999, -999, -1000, -1001},
                             {-800, 0, 1, 1, -800, 0, 0, 1, -800},
                             {49, 51, 52, -51, -52, -49, 0, 60, 61},
                             {1e10, 1e10 + 1, 1e10, 1e10, 1e10, 1e10, 1e10 + 1, 1e10, 1e10}}) {
        Numbers y = with_room(Numbers(9, 77));
        part().softmax_forward(y.data(), with_room(x).data(), 3, 3);
        all.insert(all.end(), y.begin(), y.end());
    }
    // And one where rows and columns differ in number.
    Numbers y = with_room(Numbers(8, 77));
    part().softmax_forward(y.data(), with_room({3, 2, 3, 0, 700, 701, 699, 702}).data(), 2, 4);
    all.insert(all.end(), y.begin(), y.end());
    return all;
});

}  // namespace

TEST_CASE("matmul: the product from the text") {
    CHECK(same(matmul({1, 2, 3, 4}, {5, 6, 7, 8}, 2, 2, 2), {19, 22, 43, 50}, {2, 2}));
}

TEST_CASE("matmul: (2,3) times (3,4), where rows and columns differ in length") {
    const Numbers a = {1, 2, 3, 4, 5, 6};
    const Numbers b = {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1};
    CHECK(same(matmul(a, b, 2, 4, 3), {1, 2, 3, 6, 4, 5, 6, 15}, {2, 4}));
}

TEST_CASE("matmul: any size, also of a single row, column or product") {
    for (const Index M : {1, 2, 5})
        for (const Index N : {1, 3, 4})
            for (const Index K : {1, 2, 7}) {
                CAPTURE(M);
                CAPTURE(N);
                CAPTURE(K);
                const Numbers a = normal_numbers(1, M * K), b = normal_numbers(2, K * N);
                Numbers expected(static_cast<std::size_t>(M * N));
                for (Index k = 0; k < K; ++k)
                    for (Index i = 0; i < M; ++i)
                        for (Index j = 0; j < N; ++j)
                            expected[i * N + j] += a[i * K + k] * b[k * N + j];
                CHECK(same(matmul(a, b, M, N, K), expected, {M, N}));
            }
}

TEST_CASE("matmul: times the identity changes nothing") {
    const Numbers a = normal_numbers(3, 12);
    CHECK(same(matmul(a, {1, 0, 0, 0, 1, 0, 0, 0, 1}, 4, 3, 3), a, {4, 3}));
}

TEST_CASE("sum_forward: the middle one of three axes") {
    CHECK(same(sum({1, 2, 3, 4, 5, 6}, 1, 3, 2), {9, 12}));
    CHECK(same(sum({1, 2, 3, 4, 5, 6}, 2, 3, 1), {6, 15}));
    const Numbers x = normal_numbers(4, 2 * 5 * 3), y = sum(x, 2, 5, 3);
    for (Index o = 0; o < 2; ++o)
        for (Index i = 0; i < 3; ++i) {
            CAPTURE(o);
            CAPTURE(i);
            double expected = 0;
            for (Index k = 0; k < 5; ++k) expected += x[(o * 5 + k) * 3 + i];
            CHECK(same(y[o * 3 + i], expected));
        }
}

TEST_CASE("softmax_forward: the row from the text") {
    CHECK(same(softmax({1, 2, 3}, 1, 3), {0.09003057317, 0.24472847105, 0.66524095577}, {1, 3}));
}

TEST_CASE("softmax_forward: every row on its own, with sum 1") {
    const Numbers x = normal_numbers(5, 6 * 7), y = softmax(x, 6, 7);
    Numbers expected(x.size());
    for (Index r = 0; r < 6; ++r) {
        CAPTURE(r);
        double total = 0, exps = 0;
        for (Index j = 0; j < 7; ++j) total += y[r * 7 + j], exps += std::exp(x[r * 7 + j]);
        CHECK(same(total, 1));
        for (Index j = 0; j < 7; ++j) expected[r * 7 + j] = std::exp(x[r * 7 + j]) / exps;
    }
    CHECK(same(y, expected, {6, 7}));
}

TEST_CASE("softmax_forward: a constant added to a row changes nothing") {
    const Numbers x = normal_numbers(6, 8);
    Numbers shifted = x;
    for (auto& v : shifted) v += 5;
    CHECK(same(softmax(shifted, 2, 4), softmax(x, 2, 4), {2, 4}));
}

TEST_CASE("softmax_forward: the large scores from the text: 1001, 1002, 1003") {
    const Real p = 0.09003057317, q = 0.24472847105, r = 0.66524095577;
    CHECK(same(softmax({1001, 1002, 1003}, 1, 3), {p, q, r}, {1, 3}));
}

TEST_CASE("softmax_forward: scores around -1000, and a row of each kind") {
    const Real p = 0.09003057317, q = 0.24472847105, r = 0.66524095577;
    CHECK(same(softmax({-1002, -1001, -1003}, 1, 3), {q, r, p}, {1, 3}));
    CHECK(same(softmax({1003, 1001, 1002, -1002, -1001, -1003}, 2, 3), {r, p, q, q, r, p}, {2, 3}));
}

TEST_CASE("softmax_forward: the largest score stands in any column, and far above the others") {
    const Numbers x = {1e4, 0, -1e4, 0, 1e4, -1e4, -1e4, 0, 1e4};
    CHECK(same(softmax(x, 3, 3), {1, 0, 0, 0, 1, 0, 0, 0, 1}, {3, 3}));
}

TEST_CASE("softmax_forward: scores of 10000, and beyond what an int can hold, stay finite") {
    CHECK(finite(softmax({1e4, 0, -1e4, -1e4, -1e4, -1e4}, 2, 3), {2, 3}));
    CHECK(same(softmax({1e4, 0, -1e4, -1e4, -1e4, -1e4}, 2, 3),
               {1, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3}, {2, 3}));
    CHECK(same(softmax({3e9, 0, -3e9, 3e9}, 2, 2), {1, 0, 0, 1}, {2, 2}));
}

}  // namespace gradus::lesson_03
