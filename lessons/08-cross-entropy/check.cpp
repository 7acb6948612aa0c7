// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include "autograd/cross_entropy.h"
#include "autograd/gradient_check.h"

namespace gradus::lesson_08 {
namespace {

using Numbers = std::vector<Real>;
using Targets = std::vector<int>;

struct Forward {
    Numbers loss, lse;
};
Forward forward(const Numbers& x, const Targets& target) {
    const Index rows = static_cast<Index>(target.size());
    Forward f{Numbers(target.size(), 77), Numbers(target.size(), 77)};
    part().cross_entropy_forward(f.loss.data(), f.lse.data(), x.data(), target.data(), rows,
                                 static_cast<Index>(x.size()) / rows);
    return f;
}

// The check's own lse, for backward, so that its cases do not depend on the learner's forward. In
// another order of steps: scores are added to the sum one after the other.
Numbers lse_of(const Numbers& x, Index rows) {
    const Index cols = static_cast<Index>(x.size()) / rows;
    Numbers lse;
    for (Index r = 0; r < rows; ++r) {
        double total = x[r * cols];
        for (Index j = 1; j < cols; ++j) {
            const double score = x[r * cols + j];
            const double high = std::max(total, score), low = std::min(total, score);
            total = high + std::log1p(std::exp(low - high));
        }
        lse.push_back(total);
    }
    return lse;
}

Numbers backward(double scale, const Numbers& x, const Targets& target, Numbers before) {
    const Index rows = static_cast<Index>(target.size());
    const Numbers lse = lse_of(x, rows);
    part().cross_entropy_backward(before.data(), scale, x.data(), lse.data(), target.data(), rows,
                                  static_cast<Index>(x.size()) / rows);
    return before;
}

Numbers expected_loss(const Numbers& x, const Targets& target) {
    const Index rows = static_cast<Index>(target.size()),
                cols = static_cast<Index>(x.size()) / rows;
    const Numbers lse = lse_of(x, rows);
    Numbers loss;
    for (Index r = 0; r < rows; ++r)
        loss.push_back(target[r] < 0 ? 0 : lse[r] - x[r * cols + target[r]]);
    return loss;
}

Numbers expected_gradient(double scale, const Numbers& x, const Targets& target, Numbers before) {
    const Index rows = static_cast<Index>(target.size()),
                cols = static_cast<Index>(x.size()) / rows;
    const Numbers lse = lse_of(x, rows);
    for (Index at = 0; at < rows * cols; ++at) {
        const Index r = at / cols, j = at % cols;
        if (target[r] >= 0) before[at] += scale * (std::exp(x[at] - lse[r]) - (j == target[r]));
    }
    return before;
}

Targets some_targets(Index rows, Index cols) {
    Targets target;
    for (Index r = 0; r < rows; ++r) target.push_back(static_cast<int>((r * 5 + 2) % cols));
    return target;
}

const Numbers print_x = {0.5,   -1,    2,     0,    1000, 1001, 998, 0,
                         -1000, -1001, -1000, -999, -800, 0,    1,   0};
const Fingerprint forward_print("cross_entropy_forward", [] {
    // With room after the arrays, for answers that step over the end.
    const Targets target = {1, 3, 0, 1, 0, 1}, ignored = {1, -1, 0, 2, 1};
    Numbers all;
    for (const bool second : {false, true}) {
        Numbers loss(9, 77), lse(9, 77);
        part().cross_entropy_forward(
            loss.data(), lse.data(),
            with_room(second ? Numbers{0.5, -1, 0, 1, 0.5, 2} : print_x).data(),
            second ? ignored.data() : target.data(), second ? 3 : 4, second ? 2 : 4);
        all.insert(all.end(), loss.begin(), loss.end());
        if (second) lse[1] = 0;  // of the row without a target: below
        all.insert(all.end(), lse.begin(), lse.end());
    }
    return all;
});
// Beyond what an int can hold, where answers that are the same on paper differ in the tenth digit.
const Fingerprint beyond_int_print("cross_entropy_forward", [] {
    const Forward f = forward({1e10, 1e10 + 1, 1e10, 1e10}, {2});
    return Numbers{f.loss[0], f.lse[0]};
});
// The lse of a row without a target, whose scores are 0, so that little else shows there; and the
// loss where the target is not -1, but -2.
// From where the largest score is searched: 0, the first of all scores, the first of the row, sizes.
const Fingerprint search_print("cross_entropy_forward", [] {
    const Forward f = forward({2000, 1999, 0, 1, -1000, 0.5, -1000, -1001}, {0, 1, 1, 0});
    Numbers all = f.loss;
    all.insert(all.end(), f.lse.begin(), f.lse.end());
    return all;
});
const Fingerprint ignored_lse_print("cross_entropy_forward", [] {
    return Numbers{forward({0.5, -1, 0, 0, 0.5, 2}, {1, -1, 0}).lse[1]};
});
const Fingerprint ignored_loss_print("cross_entropy_forward", [] {
    return Numbers{forward({0.5, -1, 0, 0, 0.5, 2}, {1, -2, 0}).loss[1]};
});
const Fingerprint backward_print("cross_entropy_backward", [] {
    const Numbers x = {0.5, -1, 2, 0, 1, 0.5, -2, 3, 0.25, 1, 0, -1, 0.25, 2, 0};
    const Targets target = {2, -1, 1, 0, -2, 2, 1};
    Numbers dx = with_room(normal_numbers(1, 15));
    part().cross_entropy_backward(dx.data(), 0.25, with_room(x).data(),
                                  with_room(lse_of(x, 5)).data(), target.data(), 5, 3);
    return dx;
});
const Fingerprint large_print("cross_entropy_backward", [] {
    const Numbers x = {1000, 1001, 999};
    const Targets target = {1};
    Numbers dx = with_room(normal_numbers(2, 3));
    part().cross_entropy_backward(dx.data(), 0.5, with_room(x).data(),
                                  with_room(lse_of(x, 3)).data(), target.data(), 1, 3);
    return dx;
});

}  // namespace

TEST_CASE("cross_entropy_forward: lse of the row from the text") {
    CHECK(same(forward({1, 2, 3}, {1}).lse, {3.40760596444}));
}

TEST_CASE("cross_entropy_forward: the loss of the row from the text, with each of its targets") {
    CHECK(same(forward({1, 2, 3}, {2}).loss, {0.40760596444}));
    CHECK(same(forward({1, 2, 3}, {1}).loss, {1.40760596444}));
    CHECK(same(forward({1, 2, 3}, {0}).loss, {2.40760596444}));
}

TEST_CASE("cross_entropy_forward: equal scores cost the logarithm of their number") {
    for (const Index V : {1, 2, 3, 65}) {
        CAPTURE(V);
        for (const Real score : {0.0, 5.0, -5.0}) {
            const Numbers x(static_cast<std::size_t>(V), score);
            CHECK(same(forward(x, {0}).loss, {std::log(static_cast<Real>(V))}));
        }
    }
}

TEST_CASE("cross_entropy_forward: every row has its own largest score, its own target and loss") {
    for (const Index rows : {1, 2, 5})
        for (const Index cols : {1, 2, 3, 7}) {
            CAPTURE(rows);
            CAPTURE(cols);
            const Numbers x = normal_numbers(2, rows * cols);
            const Targets target = some_targets(rows, cols);
            const Forward f = forward(x, target);
            CHECK(same(f.lse, lse_of(x, rows)));
            CHECK(same(f.loss, expected_loss(x, target)));
        }
}

TEST_CASE("cross_entropy_forward: scores of 10000 and -10000 stay finite") {
    const Numbers x = {1e4, 0, -1e4, -1e4, -1e4, -1e4};
    CHECK(finite(forward(x, {0, 0}).lse));
    CHECK(finite(forward(x, {0, 0}).loss));
    CHECK(same(forward(x, {0, 0}).lse, {1e4, -1e4 + std::log(3.0)}));
    CHECK(same(forward(x, {0, 1}).loss, {0, std::log(3.0)}));
    CHECK(same(forward({-3e9, -3e9}, {0}).loss, {std::log(2.0)}, {}, 1e-6));
    // Beyond what an int can hold.
    CHECK(same(forward({1e10, 1e10 + 1}, {0}).loss, {1.31326168752}, {}, 1e-6));
}

TEST_CASE("cross_entropy_forward: the right answer far below the others costs its distance") {
    CHECK(same(forward({1000, 0, 0}, {1}).loss, {1000}));
    CHECK(same(forward({1e4, 0, -1e4, -1e4, -1e4, 1e4}, {2, 0}).loss, {2e4, 2e4}));
}

TEST_CASE("cross_entropy_forward: a row with a negative target costs nothing") {
    const Numbers x = {1, 2, 3, 4, 4, 4, 1, 2, 3};
    REQUIRE(same(forward(x, {2, -1, 1}).loss, {0.40760596444, 0, 1.40760596444}));
    CHECK(same(forward(x, {2, -1, 1}).lse, {3.40760596444, 4 + std::log(3.0), 3.40760596444}));
    REQUIRE(same(forward(x, {2, -2, 1}).loss, {0.40760596444, 0, 1.40760596444}));
    CHECK(same(forward(x, {2, -100, 1}).loss, {0.40760596444, 0, 1.40760596444}));
    CHECK(same(forward(x, {-1, 0, -7}).loss, {0, std::log(3.0), 0}));
}

TEST_CASE("cross_entropy_backward: the row from the text, p minus onehot") {
    CHECK(same(backward(1, {1, 2, 3}, {1}, {0, 0, 0}),
               {0.09003057317, -0.75527152895, 0.66524095577}, {1, 3}));
    CHECK(same(backward(0.5, {1, 2, 3}, {1}, {0, 0, 0}),
               {0.045015286585, -0.377635764475, 0.332620477885}, {1, 3}));
}

TEST_CASE("cross_entropy_backward: adds to what dx holds") {
    CHECK(same(backward(1, {0, 0}, {1}, {100, 1000}), {100.5, 999.5}, {1, 2}));
}

TEST_CASE("cross_entropy_backward: each row has sum 0, whatever scale is") {
    for (const Real scale : {1.0, 0.01, -3.0}) {
        CAPTURE(scale);
        const Numbers dx = backward(scale, normal_numbers(3, 20), {0, 4, 2, 1}, Numbers(20, 0));
        for (Index r = 0; r < 4; ++r) {
            CAPTURE(r);
            double total = 0;
            for (Index j = 0; j < 5; ++j) total += dx[r * 5 + j];
            CHECK(same(total, 0));
        }
    }
}

TEST_CASE("cross_entropy_backward: any size and scale, by finite differences") {
    for (const Index rows : {1, 2, 5})
        for (const Index cols : {1, 2, 3, 7})
            for (const Real scale : {1.0, 0.125}) {
                CAPTURE(rows);
                CAPTURE(cols);
                CAPTURE(scale);
                const Numbers x = normal_numbers(4, rows * cols),
                              before = normal_numbers(5, rows * cols);
                const Targets target = some_targets(rows, cols);
                Numbers expected = before;
                for (std::size_t i = 0; i < x.size(); ++i) {
                    Numbers above = x, below = x;
                    above[i] += 1e-5, below[i] -= 1e-5;
                    const Numbers up = expected_loss(above, target),
                                  down = expected_loss(below, target);
                    for (Index r = 0; r < rows; ++r)
                        expected[i] += scale * (up[r] - down[r]) / (above[i] - below[i]);
                }
                CHECK(same(backward(scale, x, target, before), expected, {rows, cols}, 1e-7));
            }
}

TEST_CASE("cross_entropy_backward: scores of 10000 and -10000 stay finite") {
    const Numbers x = {1e4, 0, -1e4, -1e4, -1e4, -1e4};
    CHECK(finite(backward(1, x, {1, 0}, Numbers(6, 0)), {2, 3}));
    CHECK(same(backward(1, x, {1, 0}, Numbers(6, 0)), {1, -1, 0, -2.0 / 3, 1.0 / 3, 1.0 / 3},
               {2, 3}));
}

TEST_CASE("cross_entropy_backward: a row with a negative target gets nothing") {
    const Numbers x = normal_numbers(6, 12), before = normal_numbers(7, 12);
    for (const auto& target : {Targets{2, -1, 1}, Targets{2, -3, 3}, Targets{-1, 0, -100}}) {
        CAPTURE(target[0]);
        CAPTURE(target[1]);
        CAPTURE(target[2]);
        REQUIRE(same(backward(0.5, x, target, before), expected_gradient(0.5, x, target, before),
                     {3, 4}));
    }
}

TEST_CASE("cross_entropy_backward: inside the library, the mean over the rows with a target") {
    const Tensor x = Tensor::from({4, 5}, normal_numbers(8, 20));
    const Tokens targets({4}, {3, -1, 0, 4});
    double expected = 0;
    for (const Real loss : expected_loss(x.to_vector(), targets.id)) expected += loss / 3;
    CHECK(same(cross_entropy(Variable(x), targets).item(), expected));
    const GradientCheck result = gradient_check(
        [&](const std::vector<Variable>& v) { return cross_entropy(v[0], targets); }, {x});
    CAPTURE(result.message);
    CHECK(result.ok);
}

}  // namespace gradus::lesson_08
