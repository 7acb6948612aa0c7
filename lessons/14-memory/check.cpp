// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"
#include "lessons/check/gradients.h"

#include <fmt/ranges.h>

#include <functional>

#include "autograd/reduce.h"

namespace gradus::lesson_14 {
namespace {

using Numbers = std::vector<Real>;

Variable random_variable(std::uint64_t seed, const Shape& shape, double scale = 1) {
    Numbers numbers = normal_numbers(seed, shape.count());
    for (Real& x : numbers) x *= scale;
    return parameter(Tensor::from(shape, numbers));
}

Weights random_weights(std::uint64_t seed, Index C, Index H, Index G) {
    return {random_variable(seed, {C, G}), random_variable(seed + 1, {H, G}, 0.6),
            random_variable(seed + 2, {G})};
}

State random_state(std::uint64_t seed, Index B, Index H) {
    return {random_variable(seed, {B, H}), random_variable(seed + 1, {B, H})};
}

// An LSTM of one unit that does not listen to x and h: its four sums are z.
Weights only_bias(const Numbers& z) {
    return {parameter(Tensor({1, 4})), parameter(Tensor({1, 4})), parameter(Tensor::from({4}, z))};
}

State state_of(Real h, Real c) {
    return {parameter(Tensor::full({1, 1}, h)), parameter(Tensor::full({1, 1}, c))};
}

Real logistic(Real x) {
    return 1 / (1 + std::exp(-x));
}

// x Wx + h Wh + b by plain loops: x (B, C) at `x`, h (B, H) -> (B, G).
Numbers sums_by_loops(const Weights& w, const Real* x, const Numbers& h, Index B) {
    const Index C = w.from_x.size(0), H = w.from_h.size(0), G = w.bias.size(0);
    Numbers z;
    for (Index b = 0; b < B; ++b)
        for (Index j = 0; j < G; ++j) {
            Real sum = w.bias.value()[j];
            for (Index k = 0; k < C; ++k) sum += x[b * C + k] * w.from_x.value().at(k, j);
            for (Index k = 0; k < H; ++k) sum += h[b * H + k] * w.from_h.value().at(k, j);
            z.push_back(sum);
        }
    return z;
}

struct Plain {
    Numbers h, c;
};

Plain plain(const State& state) {
    return {state.h.value().to_vector(), state.c.value().to_vector()};
}

// One step of each cell by plain loops.
using PlainStep = std::function<Plain(const Weights&, const Real* x, const Plain& before, Index B)>;

Plain rnn_by_loops(const Weights& w, const Real* x, const Plain& before, Index B) {
    Numbers h = sums_by_loops(w, x, before.h, B);
    for (Real& one : h) one = std::tanh(one);
    return {h, before.c};
}

Plain lstm_by_loops(const Weights& w, const Real* x, const Plain& before, Index B) {
    const Index H = w.from_h.size(0);
    const Numbers z = sums_by_loops(w, x, before.h, B);
    Plain after = before;
    for (Index b = 0; b < B; ++b)
        for (Index j = 0; j < H; ++j) {
            const Real* at = &z[b * 4 * H + j];
            Real &h = after.h[b * H + j], &c = after.c[b * H + j];
            c = logistic(at[H]) * c + logistic(at[0]) * std::tanh(at[2 * H]);
            h = logistic(at[3 * H]) * std::tanh(c);
        }
    return after;
}

// Every h, (B, T, H), by plain loops.
Numbers run_by_loops(const PlainStep& step, const Weights& w, const Variable& x,
                     const State& start) {
    const Index B = x.size(0), T = x.size(1), C = x.size(2), H = w.from_h.size(0);
    Plain now = plain(start);
    Numbers all(static_cast<std::size_t>(B * T * H));
    for (Index t = 0; t < T; ++t) {
        Numbers at;
        for (Index b = 0; b < B; ++b)
            for (Index k = 0; k < C; ++k) at.push_back(x.value()[(b * T + t) * C + k]);
        now = step(w, at.data(), now, B);
        for (Index b = 0; b < B; ++b)
            for (Index j = 0; j < H; ++j) all[(b * T + t) * H + j] = now.h[b * H + j];
    }
    return all;
}

// The gradient of a loss by central differences: each number of the variable is moved a little.
Numbers differences(const Variable& at, const std::function<double()>& loss) {
    Numbers gradient;
    for (Index i = 0; i < at.value().count(); ++i) {
        Real& number = at.value().data()[i];
        const Real before = number, h = 1e-5;
        number = before + h;
        const double above = loss();
        number = before - h;
        const double below = loss();
        number = before;
        gradient.push_back((above - below) / (2 * h));
    }
    return gradient;
}

Variable weighted_sum(const Variable& y, std::uint64_t seed) {
    return sum(y * Variable(Tensor::from(y.shape(), normal_numbers(seed, y.value().count()))));
}

Numbers gradient(const Variable& x) {
    return x.grad().to_vector();
}

Cell your_lstm(const Weights& w) {
    return [w](const Variable& x, const State& before) { return part().lstm_step(w, x, before); };
}

Cell your_rnn(const Weights& w) {
    return [w](const Variable& x, const State& before) {
        return State{part().rnn_step(w, x, before.h), before.c};
    };
}

// A cell for arithmetic in the head: h becomes 10 h + x, and c counts the steps.
State tens(const Variable& x, const State& before) {
    return {10 * before.h + x, before.c + 1};
}

State zeros(Index B, Index H) {
    return {Variable(Tensor({B, H})), Variable(Tensor({B, H}))};
}

void append(Numbers& all, const Numbers& more) {
    all.insert(all.end(), more.begin(), more.end());
}

// What a fingerprint tells of results and of the leaves that they were made from: numbers, shapes,
// and the gradients of a weighted sum.
Numbers told(const std::vector<Variable>& results, const std::vector<Variable>& leaves) {
    for (const auto& leaf : leaves) leaf.grad().fill(0.5);  // from an earlier backward
    Numbers all;
    Variable loss = Variable(Tensor::scalar(0));
    std::uint64_t seed = 90;
    for (const auto& y : results) {
        append(all, y.value().to_vector());
        for (const Index size : y.shape()) all.push_back(static_cast<Real>(size));
        all.push_back(y.requires_grad());
        loss = loss + weighted_sum(y, ++seed);
    }
    if (loss.requires_grad()) loss.backward();
    for (const auto& leaf : leaves) append(all, gradient(leaf));
    return all;
}

const Fingerprint rnn_print("rnn_step", [] {
    const Weights w = random_weights(1, 7, 4, 4);
    const Variable x = random_variable(4, {2, 7}), h = random_variable(5, {2, 4});
    return told({part().rnn_step(w, x, h)}, {w.from_x, w.from_h, w.bias, x, h});
});
// As many numbers in x as in h: exchanged weights fit. One in x: a slice of one is broadcast.
const Fingerprint rnn_square_print("rnn_step", [] {
    const Weights w = random_weights(71, 3, 3, 3);
    const Variable x = random_variable(74, {2, 3}), h = random_variable(75, {2, 3});
    return told({part().rnn_step(w, x, h)}, {w.from_x, w.from_h, w.bias, x, h});
});
Numbers lstm_numbers(std::uint64_t seed, Index C, Index H) {
    const Weights w = random_weights(seed, C, H, 4 * H);
    const Variable x = random_variable(seed + 3, {2, C});
    const State before = random_state(seed + 4, 2, H), after = part().lstm_step(w, x, before);
    return told({after.h, after.c}, {w.from_x, w.from_h, w.bias, x, before.h, before.c});
}
const Fingerprint lstm_print("lstm_step", [] { return lstm_numbers(11, 7, 4); });
const Fingerprint lstm_square_print("lstm_step", [] { return lstm_numbers(81, 3, 3); });
const Fingerprint lstm_narrow_print("lstm_step", [] { return lstm_numbers(91, 1, 4); });
const Fingerprint bias_print("first_bias", [] {
    Numbers all;
    for (const Index T : {30, 7}) {
        const Variable bias = part().first_bias(4, T);
        append(all, bias.value().to_vector());
        for (const Index size : bias.shape()) all.push_back(static_cast<Real>(size));
        all.push_back(bias.requires_grad());
    }
    return all;
});
const Fingerprint run_print("run", [] {
    const Variable weight = random_variable(21, {7, 10}), x = random_variable(22, {2, 4, 7});
    const State start = random_state(23, 2, 10);
    const auto cell = [&](const Variable& now, const State& before) {
        return State{tanh(matmul(now, weight) + 0.5 * before.h + 0.3 * before.c),
                     0.8 * before.c + 0.1 * before.h};
    };
    State state = start;
    const Variable y = part().run(cell, x, state);
    return told({y, state.h, state.c}, {weight, x, start.h, start.c});
});
const Fingerprint cut_print("cut", [] {
    const Variable from = random_variable(31, {2, 4});
    const State state = part().cut({tanh(from), 2 * from});
    Numbers all = told({state.h, state.c}, {from});
    for (const Variable& v : {state.h, state.c}) {
        const bool own = v.has_grad();
        append(all, own ? gradient(v) : Numbers(8));
    }
    return all;
});

}  // namespace

TEST_CASE("rnn_step: the numbers from the text") {
    const Weights w = {parameter(Tensor::matrix({{0.5, -1}})),
                       parameter(Tensor::matrix({{0, 2}, {1, 0}})),
                       parameter(Tensor::from({0, 0.5}))};
    const Variable y = part().rnn_step(w, Tensor::matrix({{1}}), Tensor::matrix({{1, 0}}));
    REQUIRE(shaped(y.shape(), {1, 2}));
    CHECK(same(y.value().to_vector(), {0.4621171573, 0.9051482536}, {1, 2}));
}

TEST_CASE("rnn_step: weights of 0 leave tanh of the bias, large sums give 1 and -1") {
    const Weights w = {parameter(Tensor({3, 2})), parameter(Tensor({2, 2})),
                       parameter(Tensor::from({0.5, -2}))};
    const Variable x = random_variable(1, {1, 3}), h = random_variable(2, {1, 2});
    CHECK(same(part().rnn_step(w, x, h).value().to_vector(), {0.4621171573, -0.9640275801}));
    w.bias.value().copy_from(Tensor::from({1e4, -1e4}));
    CHECK(same(part().rnn_step(w, x, h).value().to_vector(), {1, -1}));
}

TEST_CASE("rnn_step: any sizes") {
    for (const Index B : {1, 3}) {
        for (const Index H : {1, 2, 6}) {
            const Index C = 4;
            CAPTURE(B);
            CAPTURE(C);
            CAPTURE(H);
            const Weights w = random_weights(3, C, H, H);
            const Variable x = random_variable(6, {B, C});
            const State before = random_state(7, B, H);
            const Variable y = part().rnn_step(w, x, before.h);
            REQUIRE(shaped(y.shape(), {B, H}));
            CHECK(same(y.value().to_vector(), rnn_by_loops(w, x.value().data(), plain(before), B).h,
                       {B, H}));
        }
    }
}

TEST_CASE("rnn_step: a gradient for all weights, for x and for h") {
    const Weights w = random_weights(8, 3, 4, 4);
    const Variable x = random_variable(11, {2, 3});
    const State before = random_state(12, 2, 4);
    const Variable y = part().rnn_step(w, x, before.h);
    REQUIRE(Comparison{y.requires_grad(), "your result has no history"});
    weighted_sum(y, 14).backward();
    const auto loss = [&] {
        return dot(rnn_by_loops(w, x.value().data(), plain(before), 2).h, normal_numbers(14, 8));
    };
    CHECK(same(gradient(w.from_x), differences(w.from_x, loss), {3, 4}, 1e-7));
    CHECK(same(gradient(w.from_h), differences(w.from_h, loss), {4, 4}, 1e-7));
    CHECK(same(gradient(w.bias), differences(w.bias, loss), {4}, 1e-7));
    CHECK(same(gradient(x), differences(x, loss), {2, 3}, 1e-7));
    CHECK(same(gradient(before.h), differences(before.h, loss), {2, 4}, 1e-7));
}

TEST_CASE("lstm_step: the numbers from the text") {
    const Weights w = {parameter(Tensor::matrix({{0.5, 0, -1, 1}})),
                       parameter(Tensor::matrix({{0, 2, 0, 2}})), parameter(Tensor({4}))};
    const State after = part().lstm_step(w, Tensor::matrix({{1}}), state_of(0.5, 2));
    REQUIRE(shaped(after.h.shape(), {1, 1}));
    REQUIRE(shaped(after.c.shape(), {1, 1}));
    CHECK(named({"c"}, same(after.c.item(), 0.9880557683)));
    CHECK(named({"h"}, same(after.h.item(), 0.6663512436)));
}

TEST_CASE("lstm_step: gates that are open or closed") {
    // What i, f, g and o are made of, and what then comes out. g is tanh(0.5) = 0.4621171573.
    struct Gates {
        Numbers z;
        Real c, h;
    };
    const Real open = 1e4, closed = -1e4;
    for (const Gates& gates : {Gates{{closed, open, 0.5, open}, 2, std::tanh(Real(2))},
                               Gates{{closed, open, 0.5, closed}, 2, 0},
                               Gates{{open, closed, 0.5, open}, 0.4621171573, 0.4318081806},
                               Gates{{open, open, 0.5, closed}, 2.4621171573, 0},
                               Gates{{closed, closed, 0.5, open}, 0, 0}}) {
        const std::string z = fmt::format("{}", fmt::join(gates.z, " "));
        CAPTURE(z);
        const State after =
            part().lstm_step(only_bias(gates.z), Tensor::full({1, 1}, 3), state_of(0.7, 2));
        CHECK(named({"c"}, same(after.c.item(), gates.c)));
        CHECK(named({"h"}, same(after.h.item(), gates.h)));
    }
}

TEST_CASE("lstm_step: any sizes") {
    for (const Index B : {1, 3}) {
        for (const Index H : {1, 2, 5}) {
            const Index C = 4;
            CAPTURE(B);
            CAPTURE(C);
            CAPTURE(H);
            const Weights w = random_weights(16, C, H, 4 * H);
            const Variable x = random_variable(19, {B, C});
            const State before = random_state(20, B, H), after = part().lstm_step(w, x, before);
            REQUIRE(shaped(after.h.shape(), {B, H}));
            REQUIRE(shaped(after.c.shape(), {B, H}));
            const Plain expected = lstm_by_loops(w, x.value().data(), plain(before), B);
            CHECK(named({"c"}, same(after.c.value().to_vector(), expected.c, {B, H})));
            CHECK(named({"h"}, same(after.h.value().to_vector(), expected.h, {B, H})));
        }
    }
}

TEST_CASE("lstm_step: after 50 steps with weights of 0, dc / dc at the start is sigmoid(bias)^50") {
    for (const Real bias : {Real(0), Real(1), std::log(Real(49))}) {
        CAPTURE(bias);
        const Weights w = only_bias({0.3, bias, 0.2, 0.1});
        const State start = state_of(0.7, 2);
        State state = start;
        for (int t = 0; t < 50; ++t)
            state = part().lstm_step(w, Tensor::full({1, 1}, Real(t)), state);
        sum(state.c).backward();
        const Real expected = std::pow(logistic(bias), Real(50));
        CHECK(named({"the gradient / sigmoid(bias)^50"},
                    same(start.c.grad().item() / expected, 1, 1e-12)));
    }
}

TEST_CASE("lstm_step: a gradient for all weights, for x, h and c") {
    const Weights w = random_weights(24, 3, 2, 8);
    const Variable x = random_variable(27, {2, 3});
    const State before = random_state(28, 2, 2), after = part().lstm_step(w, x, before);
    REQUIRE(Comparison{after.h.requires_grad() && after.c.requires_grad(),
                       "your h or your c has no history"});
    (weighted_sum(after.h, 30) + weighted_sum(after.c, 31)).backward();
    const auto loss = [&] {
        const Plain result = lstm_by_loops(w, x.value().data(), plain(before), 2);
        return dot(result.h, normal_numbers(30, 4)) + dot(result.c, normal_numbers(31, 4));
    };
    CHECK(same(gradient(w.from_x), differences(w.from_x, loss), {3, 8}, 1e-7));
    CHECK(same(gradient(w.from_h), differences(w.from_h, loss), {2, 8}, 1e-7));
    CHECK(same(gradient(w.bias), differences(w.bias, loss), {8}, 1e-7));
    CHECK(same(gradient(x), differences(x, loss), {2, 3}, 1e-7));
    CHECK(same(gradient(before.h), differences(before.h, loss), {2, 2}, 1e-7));
    CHECK(same(gradient(before.c), differences(before.c, loss), {2, 2}, 1e-7));
}

TEST_CASE("first_bias: two units that are to remember for 50 steps, as in the text") {
    const Variable bias = part().first_bias(2, 50);
    REQUIRE(shaped(bias.shape(), {8}));
    CHECK(same(bias.value().to_vector(),
               {-3.8918202981, -3.8918202981, 3.8918202981, 3.8918202981, 0, 0, 0, 0}));
}

TEST_CASE("first_bias: a parameter, which can be trained") {
    CHECK(Comparison{part().first_bias(1, 3).requires_grad(),
                     "your bias needs no gradient: no optimiser can move it"});
}

TEST_CASE("first_bias: any sizes") {
    for (const Index H : {1, 4})
        for (const Index T : {2, 3, 1000}) {
            CAPTURE(H);
            CAPTURE(T);
            const Variable bias = part().first_bias(H, T);
            REQUIRE(shaped(bias.shape(), {4 * H}));
            Numbers expected(static_cast<std::size_t>(4 * H));
            std::fill_n(expected.begin(), H, -std::log(static_cast<Real>(T - 1)));
            std::fill_n(expected.begin() + H, H, std::log(static_cast<Real>(T - 1)));
            CHECK(same(bias.value().to_vector(), expected));
        }
}

TEST_CASE("run: 1, 2, 3 become 1, 12, 123, as in the text") {
    State state = zeros(1, 1);
    const Variable y = part().run(tens, Tensor::from({1, 3, 1}, {1, 2, 3}), state);
    REQUIRE(shaped(y.shape(), {1, 3, 1}));
    CHECK(same(y.value().to_vector(), {1, 12, 123}, {1, 3, 1}));
    CHECK(named({"state.h"}, same(state.h.item(), 123)));
    CHECK(named({"state.c, the number of steps"}, same(state.c.item(), 3)));
}

TEST_CASE("run: two rows, which begin with an h of 7 0 and of 0 2") {
    State state = {Tensor::matrix({{7, 0}, {0, 2}}), Tensor({2, 2})};
    const std::string read = "1 2, then 3 4; the second row: 5 6, then 7 8";
    CAPTURE(read);
    const Variable x = Tensor::from({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    const Variable y = part().run(tens, x, state);
    REQUIRE(shaped(y.shape(), {2, 2, 2}));
    CHECK(same(y.value().to_vector(), {71, 2, 713, 24, 5, 26, 57, 268}, {2, 2, 2}));
    CHECK(same(state.h.value().to_vector(), {713, 24, 57, 268}, {2, 2}));
}

TEST_CASE("run: one position, and then two more from the state that it has left") {
    State state = zeros(2, 1);
    const Variable one = part().run(tens, Tensor::from({2, 1, 1}, {4, 5}), state);
    REQUIRE(shaped(one.shape(), {2, 1, 1}));
    CHECK(same(one.value().to_vector(), {4, 5}, {2, 1, 1}));
    const Variable more = part().run(tens, Tensor::from({2, 2, 1}, {1, 2, 3, 4}), state);
    REQUIRE(shaped(more.shape(), {2, 2, 1}));
    CHECK(same(more.value().to_vector(), {41, 412, 53, 534}, {2, 2, 1}));
}

TEST_CASE("run: the state at the end has a history, too") {
    // After 1, 2 and 3, h is 100 times the first, 10 times the second and once the third.
    const Variable x = parameter(Tensor::from({1, 3, 1}, {1, 2, 3}));
    State state = zeros(1, 1);
    part().run(tens, x, state);
    REQUIRE(Comparison{state.h.requires_grad(), "your state.h has no history"});
    sum(state.h).backward();
    CHECK(named({"the gradient of x"}, same(gradient(x), {100, 10, 1}, {1, 3, 1})));
}

TEST_CASE("run: your two cells through 20 steps") {
    struct Kind {
        const char* name;
        Index gates;
        Cell (*cell)(const Weights&);
        Plain (*step)(const Weights&, const Real*, const Plain&, Index);
    };
    const Index B = 2, T = 20, C = 3, H = 4;
    for (const Kind& kind : {Kind{"rnn_step", 1, your_rnn, rnn_by_loops},
                             Kind{"lstm_step", 4, your_lstm, lstm_by_loops}}) {
        const std::string cell = kind.name;
        CAPTURE(cell);
        CAPTURE(C);
        CAPTURE(H);
        const Weights w = random_weights(41, C, H, kind.gates * H);
        const Variable x = random_variable(44, {B, T, C});
        const State start = random_state(45, B, H);
        State state = start;
        const Variable y = part().run(kind.cell(w), x, state);
        REQUIRE(shaped(y.shape(), {B, T, H}));
        CHECK(same(y.value().to_vector(), run_by_loops(kind.step, w, x, start), {B, T, H}));
    }
}

TEST_CASE("run: the gradient through 20 steps") {
    const Index B = 2, T = 20, C = 3, H = 2;
    const Weights w = random_weights(51, C, H, 4 * H);
    const Variable x = random_variable(54, {B, T, C});
    const State start = random_state(55, B, H);
    State state = start;
    const Variable y = part().run(your_lstm(w), x, state);
    REQUIRE(Comparison{y.requires_grad(), "your result has no history"});
    weighted_sum(y, 57).backward();
    const Numbers weights = normal_numbers(57, B * T * H);
    const auto loss = [&] { return dot(run_by_loops(lstm_by_loops, w, x, start), weights); };
    CHECK(same(gradient(w.from_x), differences(w.from_x, loss), {C, 4 * H}, 1e-6));
    CHECK(same(gradient(w.from_h), differences(w.from_h, loss), {H, 4 * H}, 1e-6));
    CHECK(same(gradient(w.bias), differences(w.bias, loss), {4 * H}, 1e-6));
    CHECK(same(gradient(x), differences(x, loss), {B, T, C}, 1e-6));
    CHECK(same(gradient(start.h), differences(start.h, loss), {B, H}, 1e-6));
    CHECK(same(gradient(start.c), differences(start.c, loss), {B, H}, 1e-6));

    // The Taylor test of lesson 06: what the gradient does not explain falls with the square of h.
    const Numbers direction = normal_numbers(58, w.from_h.value().count());
    const Tensor at = w.from_h.value().clone();
    const double before = loss(), slope = dot(gradient(w.from_h), direction);
    const auto remainder = [&](double h) {
        for (Index i = 0; i < at.count(); ++i)
            w.from_h.value().data()[i] = at[i] + h * direction[static_cast<std::size_t>(i)];
        return std::abs(loss() - before - h * slope);
    };
    const double taylor = std::log10(remainder(1e-3) / remainder(1e-5)) / 2;
    CHECK(named({"the slope of the Taylor test"}, same(taylor, 2, 0.02)));
}

TEST_CASE("cut: the same numbers") {
    const State state = part().cut(random_state(61, 2, 3));
    REQUIRE(shaped(state.h.shape(), {2, 3}));
    REQUIRE(shaped(state.c.shape(), {2, 3}));
    CHECK(same(state.h.value().to_vector(), normal_numbers(61, 6), {2, 3}));
    CHECK(same(state.c.value().to_vector(), normal_numbers(62, 6), {2, 3}));
}

TEST_CASE("cut: constants, without a history") {
    const Variable p = parameter(Tensor::from({1, 2}, {0.5, 3}));
    const State state = part().cut({tanh(p), 2 * p});
    CHECK(Comparison{!state.h.requires_grad(), "your h still asks for a gradient"});
    CHECK(Comparison{!state.c.requires_grad(), "your c still asks for a gradient"});
}

TEST_CASE("cut: a gradient goes back to the cut and no further") {
    // h becomes f h + x. With a cut before the second step only that one's h counts: dh/df = h.
    const Variable f = parameter(Tensor::full({1, 1}, 3));
    const auto cell = [&](const Variable& x, const State& before) {
        return State{f * before.h + x, before.c};
    };
    const Variable one = Tensor::full({1, 1}, 1);
    const State first = cell(one, {Tensor::full({1, 1}, 2), Tensor({1, 1})});  // 3 * 2 + 1 = 7
    const State second = cell(one, part().cut(first));
    CHECK(named({"h after the second step"}, same(second.h.item(), 22)));
    sum(second.h).backward();
    CHECK(named({"the gradient of f"}, same(f.grad().item(), 7)));  // without the cut 7 + 3 * 2
}

}  // namespace gradus::lesson_14
