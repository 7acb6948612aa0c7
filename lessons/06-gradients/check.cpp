// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <functional>

#include "autograd/elementwise.h"
#include "autograd/gradient_check.h"
#include "autograd/matmul.h"
#include "autograd/softmax.h"

namespace gradus::lesson_06 {
namespace {

using Numbers = std::vector<Real>;

Numbers joined(Numbers a, const Numbers& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// The learner's functions on vectors. `before` is what the gradient holds already.
Numbers tanh_forward(const Numbers& x) {
    Numbers y(x.size(), 77);
    part().tanh_forward(y.data(), x.data(), static_cast<Index>(x.size()));
    return y;
}
Numbers tanh_backward(const Numbers& dy, const Numbers& y, Numbers before) {
    part().tanh_backward(before.data(), dy.data(), y.data(), static_cast<Index>(y.size()));
    return before;
}
Numbers gelu_forward(const Numbers& x) {
    Numbers y(x.size(), 77);
    part().gelu_forward(y.data(), x.data(), static_cast<Index>(x.size()));
    return y;
}
Numbers gelu_backward(const Numbers& dy, const Numbers& x, Numbers before) {
    part().gelu_backward(before.data(), dy.data(), x.data(), static_cast<Index>(x.size()));
    return before;
}
Numbers softmax_backward(const Numbers& dy, const Numbers& y, Index rows, Numbers before) {
    part().softmax_backward(before.data(), dy.data(), y.data(), rows,
                            static_cast<Index>(y.size()) / rows);
    return before;
}
struct Factors {
    Numbers da, db;
};
Factors matmul_backward(const Numbers& dc, const Numbers& a, const Numbers& b, Index M, Index N,
                        Index K, Factors before) {
    part().matmul_backward(before.da.data(), before.db.data(), dc.data(), a.data(), b.data(), M, N,
                           K);
    return before;
}
Factors zeros(Index M, Index N, Index K) {
    return {Numbers(static_cast<std::size_t>(M * K)), Numbers(static_cast<std::size_t>(K * N))};
}

// What each undoes, by the check's own loops.
Numbers tanh_of(Numbers x) {
    for (auto& value : x) value = std::tanh(value);
    return x;
}
Numbers gelu_of(Numbers x) {
    const double root = std::sqrt(2 / std::acos(-1.0));
    for (auto& value : x)
        value *= 0.5 + 0.5 * std::tanh(root * (value + 0.044715 * std::pow(value, 3)));
    return x;
}
Numbers softmax_of(Numbers x, Index rows) {
    const std::size_t cols = x.size() / static_cast<std::size_t>(rows);
    for (std::size_t start = 0; start < x.size(); start += cols) {
        double sum = 0;
        for (std::size_t j = 0; j < cols; ++j) sum += x[start + j] = std::exp(x[start + j]);
        for (std::size_t j = 0; j < cols; ++j) x[start + j] /= sum;
    }
    return x;
}
Numbers product_of(const Numbers& a, const Numbers& b, Index M, Index N, Index K) {
    Numbers c(static_cast<std::size_t>(M * N));
    for (Index k = 0; k < K; ++k)
        for (Index i = 0; i < M; ++i)
            for (Index j = 0; j < N; ++j) c[i * N + j] += a[i * K + k] * b[k * N + j];
    return c;
}

Numbers steps(double from, double to, int n) {
    Numbers x;
    for (int i = 0; i < n; ++i) x.push_back(from + (to - from) * i / (n - 1));
    return x;
}

// Fingerprints have room after their arrays, for answers that step over the end.
const Fingerprint tanh_forward_print("tanh_forward", [] {
    Numbers y = with_room(Numbers(5, 77));
    part().tanh_forward(y.data(), with_room({0.5, -1, 2, 1000, -1000}).data(), 5);
    return y;
});
const Fingerprint tanh_print("tanh_backward", [] {
    Numbers dx = with_room(normal_numbers(2, 5));
    part().tanh_backward(dx.data(), with_room(normal_numbers(1, 5)).data(),
                         with_room({0.5, -0.25, 0.875, 0, -0.75}).data(), 5);
    return dx;
});
const Fingerprint gelu_forward_print("gelu_forward", [] {
    Numbers y = with_room(Numbers(4, 77));
    part().gelu_forward(y.data(), with_room({0.5, -1, 2, 3}).data(), 4);
    return y;
});
const Fingerprint gelu_print("gelu_backward", [] {
    Numbers dx = with_room(normal_numbers(4, 5));
    part().gelu_backward(dx.data(), with_room(normal_numbers(3, 5)).data(),
                         with_room({0.5, -1, 2, 0.125, -2.5}).data(), 5);
    return dx;
});
// da and db are looked at one by one: two mistakes, one in each, are both told.
Factors printed_factors() {
    return matmul_backward(with_room(normal_numbers(5, 8)), with_room(normal_numbers(6, 6)),
                           with_room(normal_numbers(7, 12)), 2, 4, 3,
                           {with_room(normal_numbers(8, 6)), with_room(normal_numbers(9, 12))});
}
const Fingerprint da_print("matmul_backward", [] { return printed_factors().da; });
const Fingerprint db_print("matmul_backward", [] { return printed_factors().db; });
const Fingerprint softmax_print("softmax_backward", [] {
    Numbers dx = with_room(normal_numbers(10, 9));
    part().softmax_backward(
        dx.data(), with_room(normal_numbers(9, 9)).data(),
        with_room({0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.375, 0.125, 0.5}).data(), 3, 3);
    return dx;
});

}  // namespace

TEST_CASE("tanh_forward: near 0, and where it is flat") {
    CHECK(same(tanh_forward({0, 1, -1, 0.5}), {0, 0.76159415596, -0.76159415596, 0.46211715726}));
    CHECK(same(tanh_forward({20, -20, 1000, -1000}), {1, -1, 1, -1}));
    CHECK(same(tanh_forward(steps(-5, 5, 41)), tanh_of(steps(-5, 5, 41))));
}

TEST_CASE("tanh_backward: the number from the text") {
    CHECK(same(tanh_backward({2}, tanh_of({1}), {0}), {0.83994868323}));
}

TEST_CASE("tanh_backward: adds to what dx holds") {
    CHECK(same(tanh_backward({2, 3}, {0, 0.5}, {100, 1000}), {102, 1002.25}));
}

TEST_CASE("tanh_backward: the slope that finite differences find") {
    const Numbers x = steps(-4, 4, 17), dy = normal_numbers(11, 17);
    const Loss loss = [&](const Numbers& at) { return dot(tanh_of(at), dy); };
    const Numbers dx = tanh_backward(dy, tanh_of(x), Numbers(17, 0));
    CHECK(same(dx, differences(loss, x), {}, 1e-7));
    CHECK(same(taylor_slope(loss, x, dx, normal_numbers(12, 17)), 2, 0.02));
}

TEST_CASE("gelu_forward: the number from the text, and the formula elsewhere") {
    CHECK(same(gelu_forward({1}), {0.8411919906}));
    CHECK(same(gelu_forward({0, 30, -30}), {0, 30, 0}));
    CHECK(same(gelu_forward(steps(-5, 5, 41)), gelu_of(steps(-5, 5, 41))));
}

TEST_CASE("gelu_backward: the number from the text") {
    CHECK(same(gelu_backward({1}, {1}, {0}), {1.0829640839}));
}

TEST_CASE("gelu_backward: 1/2 at 0, 0 far to the left, 1 far to the right") {
    CHECK(same(gelu_backward({1, 1, 1}, {0, -30, 30}, {0, 0, 0}), {0.5, 0, 1}));
}

TEST_CASE("gelu_backward: adds to what dx holds") {
    CHECK(same(gelu_backward({2, 2}, {0, 30}, {100, 1000}), {101, 1002}));
}

TEST_CASE("gelu_backward: the slope that finite differences find") {
    const Numbers x = steps(-5, 5, 41), dy = normal_numbers(13, 41);
    const Loss loss = [&](const Numbers& at) { return dot(gelu_of(at), dy); };
    const Numbers dx = gelu_backward(dy, x, Numbers(41, 0));
    CHECK(same(dx, differences(loss, x), {}, 1e-7));
    CHECK(same(taylor_slope(loss, x, dx, normal_numbers(14, 41)), 2, 0.02));
}

TEST_CASE("matmul_backward: where only c[0,0] matters, da and db from the text") {
    const Factors yours =
        matmul_backward({1, 0, 0, 0}, {1, 2, 3, 4}, {5, 6, 7, 8}, 2, 2, 2, zeros(2, 2, 2));
    CHECK(same(yours.da, {5, 7, 0, 0}, {2, 2}));
    CHECK(same(yours.db, {1, 0, 2, 0}, {2, 2}));
}

TEST_CASE("matmul_backward: the whole dc from the text") {
    const Factors yours =
        matmul_backward({1, 10, 0, 2}, {1, 2, 3, 4}, {5, 6, 7, 8}, 2, 2, 2, zeros(2, 2, 2));
    CHECK(same(yours.da, {65, 87, 12, 16}, {2, 2}));
    CHECK(same(yours.db, {1, 16, 2, 28}, {2, 2}));
}

TEST_CASE("matmul_backward: adds to what da and db hold") {
    const Factors yours = matmul_backward({1, 10, 0, 2}, {1, 2, 3, 4}, {5, 6, 7, 8}, 2, 2, 2,
                                          {{100, 200, 300, 400}, {500, 600, 700, 800}});
    CHECK(same(yours.da, {165, 287, 312, 416}, {2, 2}));
    CHECK(same(yours.db, {501, 616, 702, 828}, {2, 2}));
}

TEST_CASE("matmul_backward: any size, by finite differences") {
    for (const Index M : {1, 2, 5})
        for (const Index N : {1, 3, 4})
            for (const Index K : {1, 2, 7}) {
                CAPTURE(M);
                CAPTURE(N);
                CAPTURE(K);
                const Numbers a = normal_numbers(1, M * K), b = normal_numbers(2, K * N),
                              dc = normal_numbers(3, M * N);
                const Factors before{normal_numbers(4, M * K), normal_numbers(5, K * N)};
                const Loss of_a = [&, M = M, N = N, K = K](const Numbers& at) {
                    return dot(product_of(at, b, M, N, K), dc);
                };
                const Loss of_b = [&, M = M, N = N, K = K](const Numbers& at) {
                    return dot(product_of(a, at, M, N, K), dc);
                };
                const Factors yours = matmul_backward(dc, a, b, M, N, K, before);
                CHECK(same(yours.da, plus(before.da, differences(of_a, a)), {M, K}, 1e-7));
                CHECK(same(yours.db, plus(before.db, differences(of_b, b)), {K, N}, 1e-7));
            }
}

TEST_CASE("matmul_backward: the adjoint test, to the last digits") {
    // c is linear in a, and in b. Whatever way v a factor moves, the change of c weighted by dc is
    // the change of that factor weighted by its gradient.
    const Index M = 4, N = 3, K = 5;
    const Numbers a = normal_numbers(5, M * K), b = normal_numbers(6, K * N),
                  dc = normal_numbers(7, M * N);
    const Factors yours = matmul_backward(dc, a, b, M, N, K, zeros(M, N, K));
    for (int seed = 20; seed < 25; ++seed) {
        CAPTURE(seed);
        const Numbers va = normal_numbers(seed, M * K), vb = normal_numbers(seed, K * N);
        CHECK(same(dot(yours.da, va), dot(dc, product_of(va, b, M, N, K))));
        CHECK(same(dot(yours.db, vb), dot(dc, product_of(a, vb, M, N, K))));
    }
}

TEST_CASE("matmul_backward: slope 2 in the Taylor test") {
    const Index M = 4, N = 3, K = 5;
    const Numbers a = normal_numbers(8, M * K), b = normal_numbers(9, K * N),
                  dc = normal_numbers(10, M * N);
    const Loss loss = [&](const Numbers& ab) {
        const Numbers at_a(ab.begin(), ab.begin() + M * K), at_b(ab.begin() + M * K, ab.end());
        return dot(product_of(at_a, at_b, M, N, K), dc);
    };
    const Factors yours = matmul_backward(dc, a, b, M, N, K, zeros(M, N, K));
    CHECK(same(taylor_slope(loss, joined(a, b), joined(yours.da, yours.db),
                            normal_numbers(11, M * K + K * N)),
               2, 0.02));
}

TEST_CASE("softmax_backward: the row from the text") {
    const Numbers y = softmax_of({1, 2, 3}, 1);
    CHECK(same(softmax_backward({1, 0, 0}, y, 1, {0, 0, 0}),
               {0.08192506907, -0.02203304453, -0.05989202454}, {1, 3}));
}

TEST_CASE("softmax_backward: adds to what dx holds") {
    CHECK(same(softmax_backward({2, 0}, {0.5, 0.5}, 1, {100, 1000}), {100.5, 999.5}, {1, 2}));
}

TEST_CASE("softmax_backward: every row on its own, by finite differences") {
    for (const Index rows : {1, 2, 5})
        for (const Index cols : {1, 2, 3, 7}) {
            CAPTURE(rows);
            CAPTURE(cols);
            const Numbers x = normal_numbers(15, rows * cols), dy = normal_numbers(16, rows * cols),
                          before = normal_numbers(17, rows * cols);
            const Loss loss = [&, rows = rows](const Numbers& at) {
                return dot(softmax_of(at, rows), dy);
            };
            CHECK(same(softmax_backward(dy, softmax_of(x, rows), rows, before),
                       plus(before, differences(loss, x)), {rows, cols}, 1e-7));
        }
}

TEST_CASE("softmax_backward: each row of dx has sum 0") {
    const Numbers y = softmax_of(normal_numbers(18, 4 * 6), 4),
                  dx = softmax_backward(normal_numbers(19, 24), y, 4, Numbers(24, 0));
    for (Index r = 0; r < 4; ++r) {
        CAPTURE(r);
        double total = 0;
        for (Index j = 0; j < 6; ++j) total += dx[r * 6 + j];
        CHECK(same(total, 0));
    }
}

TEST_CASE("softmax_backward: where all dy are equal, nothing is to be gained") {
    const Numbers y = softmax_of(normal_numbers(20, 10), 2);
    CHECK(same(softmax_backward(Numbers(10, 1000), y, 2, Numbers(10, 0)), Numbers(10, 0), {2, 5}));
}

TEST_CASE("softmax_backward: a softmax that is sure hands nothing on") {
    CHECK(same(softmax_backward({3, -1e4, 1e4}, {1, 0, 0}, 1, {5, 6, 7}), {5, 6, 7}, {1, 3}));
}

TEST_CASE("softmax_backward: slope 2 in the Taylor test") {
    const Numbers x = normal_numbers(21, 12), dy = normal_numbers(22, 12);
    const Loss loss = [&](const Numbers& at) { return dot(softmax_of(at, 3), dy); };
    const Numbers dx = softmax_backward(dy, softmax_of(x, 3), 3, Numbers(12, 0));
    CHECK(same(taylor_slope(loss, x, dx, normal_numbers(23, 12)), 2, 0.02));
}

TEST_CASE(
    "softmax_backward: inside the library, with all of yours, a network's gradient is right") {
    const auto network = [](const std::vector<Variable>& x) {
        const Variable hidden = gelu(matmul(tanh(matmul(x[0], x[1])), x[2], Transpose::yes));
        return softmax(matmul(hidden, x[1], Transpose::yes));  // x[1] twice: its gradients add up
    };
    std::vector<Tensor> inputs;
    for (const auto& shape : {Shape{2, 3}, Shape{3, 4}, Shape{4, 4}})
        inputs.push_back(Tensor::from(shape, normal_numbers(24, shape.count())));
    const GradientCheck result = gradient_check(network, inputs);
    CAPTURE(result.message);
    CHECK(result.ok);
    // Where the gradient of one factor only is wanted.
    const auto one = [&](const std::vector<Variable>& x) {
        return matmul(matmul(Variable(inputs[0]), x[0]), Variable(inputs[2]));
    };
    CHECK(gradient_check(one, {inputs[1]}).ok);
}

}  // namespace gradus::lesson_06
